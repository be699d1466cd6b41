"""Diarisers: who speaks each segment."""
