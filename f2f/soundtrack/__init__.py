"""The new speech over the source's sound, at a stated loudness."""
