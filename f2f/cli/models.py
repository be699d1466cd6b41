"""`f2f models`: the weights that the stages need."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from f2f import weights

app = typer.Typer(help="Weights: list, pull, verify, import.", no_args_is_help=True)
