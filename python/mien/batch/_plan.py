"""Plans: which input goes to which file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

from mien._engine.sources import Source, source_of
from mien.batch._report import Report
from mien.batch._target_names import targets_in
from mien.errors import InputError, OptionError, OutputError
from mien.formats._writers import Format
from mien.media.inputs import FoundFile, find_inputs, numbered_frames
from mien.media.kinds import name_of

__all__ = ["Plan", "plan"]


@dataclass(frozen=True)
class Plan:
    """Which input goes where.

    Attributes
    ----------
    inputs : list of (Source, Path)
        Inputs with the files of their rows; all the same file if one was asked for.
    failures : list of Report
        Inputs that aren't there or can't be read.
    single : Path or None
        The one file for all, if so asked.
    kind : {"parquet", "csv"}
    notes : list of str
        What else the user should know: which files of folders were skipped,
        and which images look like frames of a video.
    """

    inputs: list[tuple[Source, Path]]
    failures: list[Report]
    single: Path | None
    kind: Format
    notes: list[str] = field(default_factory=list)


def plan(inputs: Sequence[str], output: Path, kind: str | None = None) -> Plan:
    """Find the inputs and name their outputs.

    Parameters
    ----------
    inputs : sequence of str
        Files, folders, globs.
    output : Path
        A name that ends in .parquet or .csv for one table of all inputs; else a folder, made if
        need be, for a table each. There, ``clip.mp4`` gives ``clip.parquet``, and ``P01/clip.mp4``
        below a folder that was asked for ``P01/clip.parquet``. Where several would have one name,
        files that differ in their suffix keep it, as in ``clip.mp4.parquet``, and others have
        folders of their paths. With more inputs, those that have tables keep their names.
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
    found = _find(inputs)
    if single:
        pairs = [(source, single) for source in found.sources]
        return Plan(pairs, found.failures, single, chosen, found.notes)
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{output}: can't be made: {error.strerror or error}") from error
    pairs = _with_folders(targets_in(output, found.sources, chosen), found.failures)
    return Plan(pairs, found.failures, None, chosen, found.notes)


def _single(output: Path, kind: str | None) -> Path | None:
    suffix = output.suffix.lower()
    if not suffix or os.path.isdir(output):  # noqa: PTH112 (False for a name the system refuses)
        return None
    if suffix not in (".parquet", ".csv"):
        raise OptionError(
            f"output: wanted a name that ends in .parquet or .csv, or a folder, got {output} "
            "(if it is to be a folder, make it first)"
        )
    if kind and suffix != f".{kind}":
        raise OptionError(f"output, format: {output} contradicts {kind}")
    return output


@dataclass
class _Found:
    sources: list[Source] = field(default_factory=list)
    failures: list[Report] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def _find(inputs: Sequence[str]) -> _Found:
    """The sources that inputs stand for, each once; what can't be read costs only itself."""
    found = _Found()
    expanded = []
    for item in inputs:
        try:
            expanded.append(find_inputs(item))
        except InputError as error:
            found.failures.append(Report(name_of(item), error=str(error)))
    roots = [one.folder for one in expanded if one.folder]
    common = _common_folder(roots) if len(roots) > 1 else None
    seen: set[str] = set()
    for one in expanded:
        found.notes += [one.note] if one.note else []
        found.failures += [Report(name_of(path), error=str(e)) for path, e in one.failures]
        for file in one.files:  # one named by itself and by its folder is analysed once
            real = os.path.realpath(file.path)
            if real not in seen:
                seen.add(real)
                _add_source(found, file if one.folder is None else _below(file, common))
    images = (source.path for source in found.sources if source.path and source.kind == "image")
    found.notes += [_frames_note(*frames) for frames in numbered_frames(images).items()]
    return found


def _frames_note(pattern: str, count: int) -> str:
    return (
        f"{pattern}: {count} numbered images, each analysed by itself; if they are frames of a "
        f"video, make one, and its rows have times and tracks: ffmpeg -framerate FPS -i {pattern} "
        "-c:v ffv1 video.mkv"
    )


def _add_source(found: _Found, file: FoundFile) -> None:
    try:
        found.sources.append(source_of(file))
    except InputError as error:
        found.failures.append(Report(name_of(file.path), error=str(error)))


def _common_folder(folders: Sequence[Path]) -> Path | None:
    """The folder that all lie in, of several that were asked for; None on different drives."""
    try:
        above = [Path(os.path.abspath(folder)).parent for folder in folders]  # noqa: PTH100
        return Path(os.path.commonpath(above))
    except ValueError:
        return None


def _below(file: FoundFile, common: Path | None) -> FoundFile:
    """The file by its place below the folder that all lie in."""
    if common is None:
        return file
    path = Path(os.path.abspath(file.path))  # noqa: PTH100 (links stay)
    return replace(file, below=path.relative_to(common))


def _with_folders(
    pairs: Sequence[tuple[Source, Path]], failures: list[Report]
) -> list[tuple[Source, Path]]:
    """Make the targets' folders; inputs of one that can't be made are failures."""
    errors: dict[Path, str] = {}
    for folder in dict.fromkeys(target.parent for _, target in pairs):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            errors[folder] = f"{folder}: can't be made: {error.strerror or error}"
    failures += [
        Report(source.name, error=errors[target.parent])
        for source, target in pairs
        if target.parent in errors
    ]
    return [(source, target) for source, target in pairs if target.parent not in errors]
