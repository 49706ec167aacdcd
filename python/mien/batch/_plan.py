"""Plans: which input goes to which file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from mien._engine.sources import Source, resolve
from mien.batch._report import Report
from mien.errors import InputError, OptionError, OutputError
from mien.formats._writers import Format

__all__ = ["Plan", "plan"]


@dataclass(frozen=True)
class Plan:
    """Which input goes where.

    Attributes
    ----------
    inputs : list of (Source, Path)
        Inputs with the files of their rows; all the same file if one was asked for.
    failures : list of Report
        Inputs that aren't there.
    single : Path or None
        The one file for all, if so asked.
    kind : {"parquet", "csv"}
    """

    inputs: list[tuple[Source, Path]]
    failures: list[Report]
    single: Path | None
    kind: Format


def plan(inputs: Sequence[str], output: Path, kind: str | None = None) -> Plan:
    """Find the inputs and name their outputs.

    Parameters
    ----------
    inputs : sequence of str
        Files, folders, globs.
    output : Path
        A name that ends in .parquet or .csv for one table of all inputs; else a folder, made if
        need be, for a table each. There, ``clip.mp4`` gives ``clip.parquet``; where that would not
        be unique, ``clip.mp4.parquet``, or a number too.
    kind : {"parquet", "csv"}, optional
        Format in a folder; parquet by default.

    Returns
    -------
    Plan

    Raises
    ------
    OptionError
        An output that is neither, or contradicts `kind`.
    OutputError
        The folder can't be made.
    """
    if kind not in (None, "parquet", "csv"):
        raise OptionError(f"format: wanted parquet or csv, got {kind!r}")
    single = _single(output, kind)
    chosen = cast(Format, output.suffix.lower()[1:] if single else kind or "parquet")
    sources, failures = _find(inputs)
    if single:
        return Plan([(source, single) for source in sources], failures, single, chosen)
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{output}: can't be made: {error.strerror or error}") from error
    return Plan(targets_in(output, sources, chosen), failures, None, chosen)


def _single(output: Path, kind: str | None) -> Path | None:
    suffix = output.suffix.lower()
    if output.is_dir() or not suffix:
        return None
    if suffix not in (".parquet", ".csv"):
        raise OptionError(
            f"output: wanted a name that ends in .parquet or .csv, or a folder, got {output} "
            "(if it is to be a folder, make it first)"
        )
    if kind and suffix != f".{kind}":
        raise OptionError(f"output, format: {output} contradicts {kind}")
    return output


def _find(inputs: Iterable[str]) -> tuple[list[Source], list[Report]]:
    sources: list[Source] = []
    failures: list[Report] = []
    seen: set[str] = set()
    for item in inputs:
        try:
            found = resolve(item)
        except InputError as error:
            failures.append(Report(item, error=str(error)))
            continue
        for source in found:  # a file named twice, by itself and by its folder, is analysed once
            key = str(Path(source.name).resolve())
            if key not in seen:
                seen.add(key)
                sources.append(source)
    return sources, failures


def targets_in(folder: Path, sources: list[Source], kind: Format) -> list[tuple[Source, Path]]:
    """A file of its own for each source."""
    names = _unique_names([Path(source.name) for source in sources])
    return [
        (source, folder / f"{name}.{kind}") for source, name in zip(sources, names, strict=True)
    ]


def _unique_names(paths: list[Path]) -> list[str]:
    stems = Counter(path.stem.lower() for path in paths)
    used: set[str] = set()
    names = []
    for path in paths:
        base = path.stem if stems[path.stem.lower()] == 1 else path.name
        name, number = base, 1
        while name.lower() in used:
            number += 1
            name = f"{base}-{number}"
        used.add(name.lower())
        names.append(name)
    return names
