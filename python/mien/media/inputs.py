"""The files that paths, folders and patterns stand for."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from mien.errors import InputError, InputNotFoundError
from mien.media.kinds import IMAGE_SUFFIXES, UNREAD_SUFFIXES, VIDEO_SUFFIXES, name_of

__all__ = ["FoundFile", "FoundInputs", "expand_inputs", "find_inputs"]


_NAMED = 10  # files that a note names; of more it says how many
_WANTED = "a video, an image, or a folder of them"


@dataclass(frozen=True)
class FoundFile:
    """A file that an input stands for.

    Attributes
    ----------
    path : Path
    below : Path
        Where it lies below the folder that was asked for, or below the part of a pattern that has
        no wildcard; the bare name of a file that was asked for itself.
    """

    path: Path
    below: Path


@dataclass
class FoundInputs:
    """What an input stands for.

    Attributes
    ----------
    folder : Path or None
        The folder that was asked for; None for a file.
    files : list of FoundFile
        In order of their paths.
    skipped : list of Path
        Files of a folder that have no media suffix; hidden ones are not counted.
    failures : list of (Path, InputError)
        Folders below that can't be read.
    """

    folder: Path | None = None
    files: list[FoundFile] = field(default_factory=list)
    skipped: list[Path] = field(default_factory=list)
    failures: list[tuple[Path, InputError]] = field(default_factory=list)

    @property
    def unread(self) -> list[Path]:
        """Those skipped that are media by their names, of kinds that can't be read."""
        return [path for path in self.skipped if path.suffix.lower() in UNREAD_SUFFIXES]

    @property
    def note(self) -> str | None:
        """Which files of the folder were skipped, and how many; None for none."""
        if not self.skipped or self.folder is None:
            return None
        unread = self.unread
        other = [path for path in self.skipped if path not in set(unread)]
        said = []
        if unread:
            said.append(f"{_count(unread)} of kinds that can't be read: {_names(unread)}")
        if other:
            said.append(f"{_count(other)} that by the name is no media: {_names(other)}")
        return f"{name_of(self.folder)}: skipped {'; and '.join(said)}"


def _count(paths: list[Path]) -> str:
    return f"{len(paths)} file{'' if len(paths) == 1 else 's'}"


def _names(paths: list[Path]) -> str:
    more = f" and {len(paths) - _NAMED} more" if len(paths) > _NAMED else ""
    return ", ".join(name_of(path.name) for path in paths[:_NAMED]) + more


def expand_inputs(inputs: str | Path | Iterable[str | Path]) -> list[Path]:
    """Files that inputs stand for, in the order given; see `find_inputs`.

    Raises
    ------
    InputError
        Something is missing, a folder can't be read or holds no media, or a pattern matches
        nothing.
    """
    if isinstance(inputs, str | Path):
        inputs = [inputs]
    paths = []
    for item in inputs:
        found = find_inputs(item)
        for _, error in found.failures:
            raise error
        paths += [file.path for file in found.files]
    return paths


def find_inputs(item: str | Path) -> FoundInputs:
    """The files that an input stands for.

    A folder stands for the files in it and in the folders below it that have a media suffix (not
    for hidden ones), in order of their paths; a pattern (``*``, ``?``, ``[...]``, ``**``) for all
    files that match, and for what the folders that match hold.

    Parameters
    ----------
    item : str or Path

    Returns
    -------
    FoundInputs

    Raises
    ------
    InputNotFoundError
        Nothing has this name, or no file matches the pattern.
    InputError
        The folder can't be read or holds no media, or the system refuses the name.
    """
    path = Path(item)
    if _exists(path):
        if not path.is_dir():
            return FoundInputs(files=[FoundFile(path, Path(path.name))])
        found = _find_in(path)
        if not found.files and not found.failures:
            note = f" ({found.note})" if found.note else ""
            raise InputError(f"{name_of(path)}: no videos or images in this folder{note}")
        return found
    if not glob.has_magic(str(item)):
        raise InputNotFoundError(f"{name_of(path)}: no such file or folder; wanted {_WANTED}")
    found = _find_matches(path)
    if not found.files and not found.failures:
        raise InputNotFoundError(f"{name_of(item)}: no file matches this pattern")
    return found


def _exists(path: Path) -> bool:
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError) as error:  # a name that is too long, a folder that is closed
        got = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{name_of(path)}: can't be read; wanted {_WANTED}; got: {got}") from error
    return True


def _find_in(folder: Path) -> FoundInputs:
    found = FoundInputs(folder)
    for path in _walk(folder, found, ()):
        if path.suffix.lower() in IMAGE_SUFFIXES | VIDEO_SUFFIXES and path.is_file():
            found.files.append(FoundFile(path, path.relative_to(folder)))
        else:
            found.skipped.append(path)
    found.files.sort(key=lambda file: file.path)
    found.skipped.sort()
    return found


def _walk(folder: Path, found: FoundInputs, above: tuple[str, ...]) -> Iterator[Path]:
    """All files below a folder but hidden ones; links that lead back up are not followed."""
    real = os.path.realpath(folder)
    if real in above:
        return
    try:
        with os.scandir(folder) as scan:
            entries = [entry for entry in scan if not entry.name.startswith(".")]
    except OSError as error:
        got = error.strerror or str(error)
        failure = InputError(f"{name_of(folder)}: can't be read; wanted a folder; got: {got}")
        found.failures.append((folder, failure))
        return
    for entry in entries:
        if entry.is_dir():
            yield from _walk(folder / entry.name, found, (*above, real))
        else:
            yield folder / entry.name


def _find_matches(pattern: Path) -> FoundInputs:
    fixed = _fixed_part(pattern)
    found = FoundInputs(fixed)
    seen: set[Path] = set()
    matches = sorted(Path(match) for match in glob.glob(str(pattern), recursive=True))  # noqa: PTH207
    for match in matches:
        if match.is_dir():
            inside = _find_in(match)
            paths = [file.path for file in inside.files]
            found.skipped += inside.skipped
            found.failures += inside.failures
        else:
            paths = [match] if match.is_file() else []
        new = [path for path in paths if path not in seen]
        seen.update(new)
        found.files += [FoundFile(path, path.relative_to(fixed)) for path in new]
    found.skipped = sorted(set(found.skipped) - seen)
    return found


def _fixed_part(pattern: Path) -> Path:
    """The folder of a pattern's first part with a wildcard."""
    parts = pattern.parts
    first = next(i for i, part in enumerate(parts) if glob.has_magic(part))
    return Path(*parts[:first])
