"""Translate a video of a person speaking: voice, timing and lips.

Exit codes: 0 done · 1 unforeseen · 2 bad input or option · 3 language or pair not served · 4 a
package, program or weights file is missing · 5 a stage failed · 6 the store cannot be used, or a
disk is full · 130 stopped by Ctrl-C; the same command goes on from there.
"""

from __future__ import annotations

import logging
import sys

import typer

from f2f import __version__
from f2f.cli import batches, doctor, languages, models, review, stores, translate

_ABOUT, _EXIT_CODES = __doc__.split("\n\n")
_EXAMPLE = "Example:  f2f translate talk.mp4 --to pt"

app = typer.Typer(
    name="f2f",
    help=f"{_ABOUT}\n\n{_EXAMPLE}",
    epilog=" ".join(_EXIT_CODES.split()),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
translate.register(app)
doctor.register(app)
languages.register(app)
batches.register(app)
review.register(app)
app.add_typer(models.app, name="models")
app.add_typer(stores.app, name="store")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _common(
    verbose: bool = typer.Option(False, "--verbose", "-v", help="Say what each stage does."),
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True),
) -> None:
    del version
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        format="%(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    # It warns of every word that espeak writes in two parts, which is usual in Portuguese; it sets
    # its logger's level anew for each language, but leaves a filter alone.
    logging.getLogger("phonemizer").addFilter(lambda record: record.levelno >= logging.ERROR)
