"""How the models are made and judged; see ``docs/training.md``.

``packed`` is the data's form on disk, ``dataset`` draws windows from it, ``loop`` is the one
visible training loop, and ``expert``, ``wav2lip`` and ``lipgan`` are its recipes.
"""
