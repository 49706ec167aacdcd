"""``mien info``."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from mien.cli._console import FAILED, out, shown

__all__ = ["info"]


def info(
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Say what was built in and what was found: versions, CPU, GPUs, ONNX Runtime, packs. Exits
    with 1 if it can't run.
    """
    from mien.info import collect

    found = collect()
    if as_json:
        typer.echo(json.dumps(found, indent=2))
    else:
        _print_table(found)
    if not found["usable"]:
        raise typer.Exit(FAILED)


def _print_table(found: dict[str, Any]) -> None:
    from rich.table import Table

    table = Table(show_header=False, title=f"mien {found['mien']}")
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in found.items():
        table.add_row(name, shown(_lines(value)))
    out().print(table, soft_wrap=False)


def _lines(value: Any) -> str:
    if isinstance(value, dict):
        return "\n".join(_entry(key, inner) for key, inner in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return {True: "yes", False: "no", "": "none"}.get(value, str(value))


def _entry(key: str, value: Any) -> str:
    if isinstance(value, dict):
        return f"{key}:\n  " + _lines(value).replace("\n", "\n  ")
    return f"{key}: {_lines(value)}"
