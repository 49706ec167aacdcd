"""The files that paths, folders and patterns stand for."""

from __future__ import annotations

import glob
import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from mien.errors import InputError, InputNotFoundError
from mien.media.kinds import IMAGE_SUFFIXES, UNREAD_SUFFIXES, VIDEO_SUFFIXES, name_of

__all__ = ["FoundFile", "FoundInputs", "expand_inputs", "find_inputs", "numbered_frames"]


_NAMED = 10  # files that a note names; of more it says how many
_FRAMES = 24  # numbered images of a folder that look like a video's frames
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
            said.append(f"{len(unread)} of kinds that can't be read ({_names(unread)})")
        if other:
            said.append(f"{len(other)} that are neither videos nor images ({_names(other)})")
        count = f"{len(self.skipped)} file{'' if len(self.skipped) == 1 else 's'}"
        return f"{name_of(self.folder)}: {count} skipped: {', '.join(said)}"


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


def numbered_frames(paths: Iterable[Path]) -> dict[str, int]:
    """Folders of images that look like the frames of a video: many, of the same name but for
    numbers that follow each other.

    Parameters
    ----------
    paths : iterable of Path

    Returns
    -------
    dict of str to int
        Pattern as of `printf`, ``frames/%04d.png``, and how many images it stands for.
    """
    series: defaultdict[tuple[Path, str, str], set[str]] = defaultdict(set)
    for path in paths:
        found = re.fullmatch(r"(.*?)([0-9]{1,9})", path.stem)
        if found and path.suffix.lower() in IMAGE_SUFFIXES:
            series[path.parent, found[1], path.suffix].add(found[2])
    patterns = {}
    for (folder, start, suffix), digits in series.items():
        numbers = [int(number) for number in digits]
        widths = {len(number) for number in digits}
        padded = any(number[0] == "0" and len(number) > 1 for number in digits)
        follow = max(numbers) - min(numbers) == len(digits) - 1
        if len(digits) >= _FRAMES and follow and not (padded and len(widths) > 1):
            number = f"%0{widths.pop()}d" if padded else "%d"
            patterns[name_of(folder / f"{start}{number}{suffix}")] = len(digits)
    return patterns


def _exists(path: Path) -> bool:
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError) as error:  # a name that is too long, a folder that is closed
        got = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{name_of(path)}: can't be read; wanted {_WANTED}; got: {got}") from error
    return True


def _is_file(path: Path) -> bool:
    return os.path.isfile(path)  # noqa: PTH113 (False where it can't be told)


def _find_in(folder: Path) -> FoundInputs:
    found = FoundInputs(folder)
    for path in _walk(folder, found, ()):
        if path.suffix.lower() in IMAGE_SUFFIXES | VIDEO_SUFFIXES and _is_file(path):
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
        if os.path.isdir(entry.path):  # noqa: PTH112 (False where it can't be told)
            yield from _walk(folder / entry.name, found, (*above, real))
        else:
            yield folder / entry.name


def _find_matches(pattern: Path) -> FoundInputs:
    fixed = _fixed_part(pattern)
    found = FoundInputs(fixed)
    seen: set[Path] = set()
    matches = sorted(Path(match) for match in glob.glob(str(pattern), recursive=True))  # noqa: PTH207
    for match in matches:
        if os.path.isdir(match):  # noqa: PTH112 (as above)
            inside = _find_in(match)
            paths = [file.path for file in inside.files]
            found.skipped += inside.skipped
            found.failures += inside.failures
        else:
            paths = [match] if _is_file(match) else []
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
