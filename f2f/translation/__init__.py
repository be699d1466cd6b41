"""Transcripts in other languages: by a translator under constraints, or by a human."""
