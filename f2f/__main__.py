"""`python -m f2f` is `f2f`."""

from f2f.cli import main

main()
