"""Errors of the readers; they name the file and the line."""

from __future__ import annotations

from pathlib import Path

__all__ = ["DamagedFileError", "DatasetError", "MissingFileError"]


class DatasetError(Exception):
    """Base of the readers' errors."""


class MissingFileError(DatasetError, FileNotFoundError):
    """A file or folder of a dataset that is not where its distribution puts it.

    Parameters
    ----------
    dataset : str
        Name of the dataset.
    wanted : Path or str
        What was looked for.
    what : str
        What it would have held.
    """

    def __init__(self, dataset: str, wanted: Path | str, what: str) -> None:
        super().__init__(f"{dataset}: no {what}: wanted {wanted}")
        self.wanted = wanted


class DamagedFileError(DatasetError, ValueError):
    """A file whose content is not what its format promises.

    Parameters
    ----------
    path : Path or str
        The file (and the member inside it, for an archive).
    line : int or None
        Line, counted from 1; None where the file has no lines.
    problem : str
        What was wanted and what was there instead.
    """

    def __init__(self, path: Path | str, line: int | None, problem: str) -> None:
        place = f"{path}:{line}" if line is not None else f"{path}"
        super().__init__(f"{place}: {problem}")
        self.path, self.line = path, line
