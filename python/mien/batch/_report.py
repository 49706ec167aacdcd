"""What became of an input of a run."""

from __future__ import annotations

import traceback
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from mien import schema
from mien.errors import InputError, MienError
from mien.table import FaceTable

__all__ = ["Report"]


@dataclass
class Report:
    """What became of one input.

    Attributes
    ----------
    name : str
        The input.
    target : Path or None
        The file its rows are in; None if there are none.
    error : str or None
        Why it failed, if it did. Rows before a break are kept: `target` then has them.
    kept : bool
        Nothing was done: an earlier run had finished it.
    note : str or None
        What else the user should know.
    rows, frames, frames_with_face : int
        Of the whole input; 0 if `kept`.
    statuses : dict of str to int
        Rows by status.
    resumed : int
        Frames that an interrupted run had done.
    seconds : float
        Time it took, this time.
    """

    name: str
    target: Path | None = None
    error: str | None = None
    kept: bool = False
    note: str | None = None
    rows: int = 0
    frames: int = 0
    frames_with_face: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    resumed: int = 0
    seconds: float = 0.0
    _tracks: set[int] = field(default_factory=set, repr=False)
    _may_succeed_again: bool = field(default=False, repr=False)

    def fail(self, error: Exception) -> None:
        """It failed by this error, of whatever kind."""
        if isinstance(error, MienError):
            self.error = str(error)
        else:
            what = f"{type(error).__name__}: {error}".removesuffix(": ")
            memory = isinstance(error, MemoryError)
            hint = (
                "; wanted more memory, or fewer jobs" if memory else ", which mien doesn't expect"
            )
            self.error = f"{self.name}: {what} ({_where(error)}){hint}"
        self._may_succeed_again = not isinstance(error, InputError)

    @property
    def may_succeed_again(self) -> bool:
        """Whether it failed by something else than the input itself: memory, disk, another run."""
        return self._may_succeed_again

    @property
    def tracks(self) -> int:
        """Tracks of the whole input; 0 if `kept`."""
        return len(self._tracks)

    @property
    def rate(self) -> float:
        """Frames analysed a second."""
        return (self.frames - self.resumed) / self.seconds if self.seconds > 0 else 0.0

    def add(self, part: FaceTable) -> None:
        """Count the rows of a piece.

        Parameters
        ----------
        part : FaceTable
            Rows of whole frames: no frame's rows are in two pieces.
        """
        frame = part["frame"].to_numpy()
        faces = frame[part["status"].isin(schema.FACE_STATUSES).to_numpy()]
        self.rows += len(part)
        self.frames += len(np.unique(frame))
        self.frames_with_face += len(np.unique(faces))
        self.statuses.update(
            {str(k): int(n) for k, n in part["status"].value_counts().items() if n}
        )
        self._tracks.update(int(track) for track in part["track"].dropna().unique())

    def count_as(self, other: Report) -> None:
        """Take over the counts of another report of this input."""
        self.rows, self.frames = other.rows, other.frames
        self.frames_with_face, self.statuses = other.frames_with_face, other.statuses
        self.resumed, self._tracks = min(self.resumed, other.frames), other._tracks


def _where(error: Exception) -> str:
    """The line that raised an error."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "nowhere known"
