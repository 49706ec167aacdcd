"""Names of the tables of several inputs: those of the inputs' folders and files.

A name depends on where its input lies and on inputs that would have the same, never on a position
in the list: with more inputs, those of an earlier run keep theirs.
"""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from mien._engine.sources import Source
from mien.batch._checkpoint import Checkpoint
from mien.errors import MienError
from mien.formats._writers import Format
from mien.formats.tables import read_provenance
from mien.media.kinds import name_of

__all__ = ["block_target", "targets_in"]


# Bytes of a name, of 255 that file systems allow: the rest is for suffixes, also those of files at
# work.
_NAME_BYTES = 200


def targets_in(folder: Path, sources: Sequence[Source], kind: Format) -> list[tuple[Source, Path]]:
    """A file of its own for each source.

    Parameters
    ----------
    folder : Path
    sources : sequence of Source
    kind : {"parquet", "csv"}

    Returns
    -------
    list of (Source, Path)
        ``P01/clip.mp4`` below the folder that was asked for has ``P01/clip.parquet``. Where several
        would have the same name, it is ``clip.mp4.parquet`` for files that differ in their suffix,
        and has folders of their paths for files that have the same name. A source that has a table
        in `folder` already, under one of the names that it could have, keeps that.
    """
    names = [_plain(_below(source).with_suffix("")) for source in sources]
    there = _tables_in(folder, kind)
    taken: dict[int, str] = {}
    for i, source in enumerate(sources):
        if there and (name := _name_before(source, names[i], there)):
            taken[i] = name
    for group in _groups(names, taken):
        for i, name in zip(group, _distinct([sources[i] for i in group]), strict=True):
            names[i] = name
    for group in _groups(names, taken):  # they differ in upper and lower case alone
        for i in group:
            names[i] = f"{names[i]}-{_digest(sources[i].name)}"
    return [
        (source, folder / f"{taken.get(i, names[i])}.{kind}") for i, source in enumerate(sources)
    ]


def block_target(first: Path, sources: Sequence[Source]) -> Path:
    """The table that several inputs share while one table of all is made: of other inputs, another.

    Parameters
    ----------
    first : Path
        The target of the first of them.
    sources : sequence of Source

    Returns
    -------
    Path
    """
    if len(sources) == 1:
        return first
    digest = _digest("\n".join(source.name for source in sources))
    return first.with_name(f"{first.stem}-{len(sources)}-{digest}{first.suffix}")


def _groups(names: Sequence[str], taken: dict[int, str]) -> list[list[int]]:
    """Sources without a table that can't have their names: several would have the same, or another
    has it.
    """
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for i, name in enumerate(names):
        if i not in taken:
            groups[name.casefold()].append(i)
    used = {name.casefold() for name in taken.values()}
    return [group for name, group in groups.items() if len(group) > 1 or name in used]


def _distinct(sources: Sequence[Source]) -> list[str]:
    """Names of sources that would have the same without this."""
    paths = [_absolute(source) for source in sources]
    if len({path.parent for path in paths}) == 1:
        return [_plain(_below(source)) for source in sources]
    common = Path(os.path.commonpath([path.parent for path in paths]))
    below = [path.relative_to(common) for path in paths]
    bare = [path.with_suffix("") for path in below]
    differ = len({str(path).casefold() for path in bare}) == len(bare)
    return [_plain(path) for path in (bare if differ else below)]


def _tables_in(folder: Path, kind: Format) -> dict[str, Path]:
    """By name, the tables in a folder and those below it that an interrupted run began."""
    tables = {}
    suffix = f".{kind}"
    for where, folders, files in os.walk(folder):
        begun = [name.removesuffix(".parts") for name in folders if name.endswith(".parts")]
        for name in (*files, *begun):
            if name.endswith(suffix):
                path = Path(where, name)
                tables[path.relative_to(folder).as_posix().removesuffix(suffix)] = path
    return tables


def _name_before(source: Source, preferred: str, tables: Mapping[str, Path]) -> str | None:
    """The name under which an earlier run made the table of this source, or began it."""
    for name in dict.fromkeys([preferred, *_possible_names(source)]):
        if (table := tables.get(name)) and _is_made_of(table, source):
            return name
    return None


def _is_made_of(table: Path, source: Source) -> bool:
    try:
        found = read_provenance(table) if table.is_file() else Checkpoint(table).provenance
    except MienError:  # damaged, or another program's: it is the run that says so
        return False
    inputs = found.get("inputs")
    if not isinstance(inputs, list) or len(inputs) != 1 or not isinstance(inputs[0], dict):
        return False
    return bool(inputs[0].get("input") == source.name)


def _possible_names(source: Source) -> Iterator[str]:
    """All names that a source may have been given, by what was asked for with it."""
    parts = _absolute(source).parts[1:]
    for begin in reversed(range(len(parts))):
        below = Path(*parts[begin:])
        yield _plain(below.with_suffix(""))
        yield _plain(below)


def _absolute(source: Source) -> Path:
    return Path(os.path.abspath(source.path or source.name))  # noqa: PTH100 (links stay)


def _below(source: Source) -> Path:
    return source.below or Path(Path(source.name).name)


def _plain(path: Path) -> str:
    """A path as the text of a name: UTF-8, each part not too long, slashes between."""
    text = path.as_posix()
    if name_of(text) != text:  # a backslash would be a folder's on Windows
        text = name_of(text).replace("\\", "%")
    head, slash, last = text.rpartition("/")
    if len(last.encode()) > _NAME_BYTES:
        cut = last.encode()[: _NAME_BYTES - 9].decode(errors="ignore")
        last = f"{cut}-{_digest(last)}"
    return head + slash + last


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
