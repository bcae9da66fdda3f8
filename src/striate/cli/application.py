"""The command line's application, which each file of commands adds to, and the arguments that several of them share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from striate.version import __version__

app = typer.Typer(
    name="striate",
    help="The workbench for convolutional networks.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

NetArgument = Annotated[str, typer.Argument(metavar="NET", help="A zoo name, a .net file, or the text itself.")]
RunArgument = Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print machine-readable output.")]
InputOption = Annotated[
    str | None, typer.Option("--input", metavar="3x224x224", help="Channels x extents; for train: resize the samples.")
]
ClassesOption = Annotated[int | None, typer.Option("--classes", help="The number of outputs.")]


@app.callback(invoke_without_command=True)
def _begin(
    context: typer.Context, version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False
) -> None:
    if version:
        print(f"striate {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help())
