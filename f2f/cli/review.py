"""`f2f review`: a page on which a person hears, corrects and renders."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from f2f.cli.options import Dubbing, spread
from f2f.errors import MissingError

PORT = 8484

Target = Annotated[
    Path, typer.Argument(help="A result of f2f, a folder of results, or a source with --to.")
]
Host = Annotated[str, typer.Option(help="Address to listen on; beyond this machine, with a key.")]
Port = Annotated[int, typer.Option(help="TCP port; 0 takes a free one.")]
Name = Annotated[str | None, typer.Option(help="Name by which others reach this machine.")]
Open = Annotated[bool, typer.Option("--open/--no-open", help="Open the page in a browser.")]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(review)


@spread
def review(
    target: Target,
    options: Dubbing,
    host: Host = "127.0.0.1",
    port: Port = PORT,
    name: Name = None,
    open_: Open = True,
) -> None:
    """Hear, correct and render a dub line by line, in a browser on this machine.

    Examples:  f2f review talk.pt.mp4

    f2f review talk.mp4 --to pt
    """
    try:
        from f2f.review import projects, serving
    except ModuleNotFoundError as error:
        if error.name not in ("starlette", "uvicorn", "jinja2"):
            raise
        raise MissingError(
            "the review page is not installed: pip install 'face-to-face[review]'"
        ) from error

    config = options.configured()
    found = projects.found(target, config)
    if options.output is not None:
        found = (projects.of(target, options.output, config),)
    address = serving.bound(host, port, name=name)
    typer.echo(f"{len(found)} to review at {address.url} (Ctrl-C ends)")
    if open_:
        webbrowser.open(address.url)
    serving.serve(found, address)
