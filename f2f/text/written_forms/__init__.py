"""Written forms as they are read aloud: one room a family, the words of a language in tables.

Every room has `spoken(text, forms)`, which replaces its family by words and leaves the rest; the
order is `f2f.text.normalisation`'s.  The rooms know no language: a family whose words a language's
table lacks is left as it is.

NVIDIA's NeMo grammars (`nemo_text_processing`) were tried for English, Spanish, Portuguese and
Hindi and not taken: they need pynini (a wheel of 158 MB; 767 MB with what it draws in), compile for
146 s before the first English sentence, know none of Tamil, Telugu, Bengali and Marathi, and leave
"No. 5", "Louis XIV" and emoji as they are.
"""
