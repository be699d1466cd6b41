"""Translators: text to text."""
