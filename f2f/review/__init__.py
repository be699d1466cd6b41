"""A page on this machine where a person hears, corrects and renders a dub line by line.

The server (Starlette) only reads and writes small files; everything heavy is done by one worker
process, which it starts, feeds and, to cancel, kills.  The stages' store makes that safe: whatever
was complete is found again.
"""
