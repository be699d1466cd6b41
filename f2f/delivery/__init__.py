"""Finished files: where they go, what they say of themselves, what is reported."""
