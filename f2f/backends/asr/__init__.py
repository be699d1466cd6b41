"""Recognisers: speech to words with times."""
