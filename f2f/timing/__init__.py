"""When each clip is spoken, and how fast: the isochrony plan."""
