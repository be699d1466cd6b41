"""Faces found, followed, and matched with who speaks."""
