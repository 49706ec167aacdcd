"""Helpers of the readers: finding a distribution's files, and reading text strictly."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from models.training.datasets.readers.errors import DamagedFileError, MissingFileError

__all__ = [
    "Store",
    "images_in",
    "lines",
    "number",
    "numbers",
    "one_of",
    "require_folder",
    "require_matches",
    "whole",
]

IMAGES = (".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff")


def one_of(dataset: str, root: Path, names: Sequence[str], what: str) -> Path:
    """The first of `names` that exists under `root`; they are spellings of the same thing."""
    for name in names:
        if (root / name).exists():
            return root / name
    raise MissingFileError(dataset, " or ".join(str(root / name) for name in names), what)


def require_folder(dataset: str, path: Path, what: str) -> Path:
    """`path` if it is a folder, else a MissingFileError."""
    if not path.is_dir():
        raise MissingFileError(dataset, path, what)
    return path


def require_matches(dataset: str, folder: Path, pattern: str, what: str) -> list[Path]:
    """Files below `folder` that match, sorted; none at all is a MissingFileError."""
    found = sorted(folder.glob(pattern))
    if not found:
        raise MissingFileError(dataset, folder / pattern, what)
    return found


def images_in(folder: Path) -> list[str]:
    """Names of the images in a folder, sorted; hidden files (macOS' ``._x.png``) are none."""
    return sorted(
        p.name
        for p in folder.iterdir()
        if p.suffix.lower() in IMAGES and not p.name.startswith(".")
    )


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """Non-empty lines of a UTF-8 text with their numbers, counted from 1, stripped."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DamagedFileError(path, None, f"not UTF-8 text: {error}") from error
    for place, line in enumerate(text.splitlines(), 1):
        if line.strip():
            yield place, line.strip()


def number(path: Path | str, line: int | None, text: str, low: float, high: float) -> float:
    """A finite number from `low` to `high`, else a DamagedFileError."""
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        raise DamagedFileError(
            path, line, f"wanted a number from {low:g} to {high:g}, got {text.strip()!r}"
        )
    return value


def whole(path: Path | str, line: int | None, text: str, low: int, high: int) -> int:
    """A whole number from `low` to `high`; ``3.0000000e+00`` is one."""
    value = number(path, line, text, low, high)
    if value != int(value):
        raise DamagedFileError(path, line, f"wanted a whole number, got {text.strip()!r}")
    return int(value)


def numbers(path: Path, line: int, fields: Sequence[str], count: int) -> np.ndarray:
    """Exactly `count` finite numbers, float64."""
    if len(fields) != count:
        raise DamagedFileError(path, line, f"wanted {count} numbers, got {len(fields)}")
    return np.array([number(path, line, field, -1e7, 1e7) for field in fields])


class Store:
    """Images of a set that lie in a folder or, unopened, in a zip file.

    Parameters
    ----------
    dataset : str
        Name of the set, for messages.
    root : Path
        Its folder.
    archives, folders : sequence of str
        Spellings of the zip file's and of the folder's name; "" is the root itself.

    Attributes
    ----------
    archive : str or None
        Name of the zip file, relative to the root, where there is one.
    names : list of str
        Images as the table names them: archive members, or paths relative to the root; sorted.
    """

    def __init__(
        self, dataset: str, root: Path, archives: Sequence[str], folders: Sequence[str]
    ) -> None:
        self.archive: str | None = None
        self.names: list[str] = []
        for name in archives:
            if (root / name).is_file():
                self.archive, self.names = name, self._members(root / name)
                break
        else:
            for name in folders:
                found = (p for p in (root / name).rglob("*") if p.suffix.lower() in IMAGES)
                self.names = sorted(p.relative_to(root).as_posix() for p in found)
                if self.names:
                    break
        if not self.names:
            wanted = " or ".join(str(root / name) for name in (*archives, *folders))
            raise MissingFileError(dataset, wanted, "images")

    @staticmethod
    def _members(path: Path) -> list[str]:
        try:
            with zipfile.ZipFile(path) as archive:
                names = archive.namelist()
        except zipfile.BadZipFile as error:
            raise DamagedFileError(path, None, f"not a zip file: {error}") from error
        return sorted(n for n in names if n.lower().endswith(IMAGES))
