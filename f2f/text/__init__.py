"""Written language: scripts, sentences, numerals."""
