"""Content-addressed artefacts, the stages that make them, and who holds which."""
