"""New mouths: for which frames, from which sound, by which engine."""
