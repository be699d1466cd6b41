"""A person's corrections of a dub: one file, read by the command line and by the review page."""
