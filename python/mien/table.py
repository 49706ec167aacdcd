"""`FaceTable`: a pandas DataFrame that knows its groups of columns and its provenance.

This is the ground floor: the class holds groups and provenance. Algorithms are functions above it
that take tables and return tables; ``mien._table_methods`` offers them as methods too.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien import schema
from mien._attached import AttachedMethods

__all__ = ["FaceSeries", "FaceTable"]


Provenance = dict[str, Any]
_PER_INPUT = ("inputs", "errors")  # lists with an entry for each input


def merge_provenance(parts: Sequence[Provenance]) -> Provenance:
    """Provenance of rows put together: the common one with all inputs, or each under `sources`.

    Parts that differ in more than their inputs and time of making were made by different engines or
    options, and no one provenance would be true of the whole.
    """
    sources: list[Provenance] = []
    for part in parts:
        for source in part.get("sources", [part]):
            if not source:
                continue
            same = next((s for s in sources if _maker(s) == _maker(source)), None)
            if same is None:
                sources.append({k: list(v) if k in _PER_INPUT else v for k, v in source.items()})
                continue
            for key in _PER_INPUT:
                listed = same.get(key, [])
                new = [entry for entry in source.get(key, []) if entry not in listed]
                if new:
                    same[key] = listed + new
    if len(sources) > 1:
        return {"sources": sources}
    return sources[0] if sources else {}


def _maker(provenance: Provenance) -> Provenance:
    return {k: v for k, v in provenance.items() if k not in (*_PER_INPUT, "created")}


class _Groups:
    """Accessors of the column groups, shared by tables and rows."""

    if TYPE_CHECKING:

        def _names(self) -> Iterable[Hashable]: ...
        def _pick(self, names: list[Any]) -> Any: ...

    def _group(self, *wanted: str) -> Any:
        names = [name for name in self._names() if schema.group_of(name) in wanted]
        return self._pick(names)

    @property
    def faceboxes(self) -> Any:
        """Boxes: left, top, width, height in pixels of the frame; the detector's score, 0-1."""
        return self._group("faceboxes")

    @property
    def landmarks(self) -> Any:
        """68 landmarks in iBUG order, pixels of the frame: all x, then all y."""
        return self._group("landmarks")

    @property
    def landmarks_x(self) -> Any:
        """x of the landmarks, pixels of the frame."""
        return self._pick([n for n in self._names() if _is_landmark(n, "x_")])

    @property
    def landmarks_y(self) -> Any:
        """y of the landmarks, pixels of the frame."""
        return self._pick([n for n in self._names() if _is_landmark(n, "y_")])

    @property
    def poses(self) -> Any:
        """Pitch, Roll, Yaw of the head, radians; up and to the subject's right are positive."""
        return self._group("poses")

    @property
    def aus(self) -> Any:
        """Action units, 0-1: whole ones, then those with sides (``AU12_L`` is the subject's left).

        Features keep their group: after `extract_mean` these are ``mean_AU12`` and so on. So it is
        with the other groups.
        """
        return self._group("aus")

    @property
    def emotions(self) -> Any:
        """Probabilities (0-1) of seven expressions; each row sums to 1."""
        return self._group("emotions")

    @property
    def affect(self) -> Any:
        """Valence and arousal, -1 to 1."""
        return self._group("affect")

    @property
    def gazes(self) -> Any:
        """Pitch and yaw of the gaze, radians; up and to the subject's right are positive."""
        return self._group("gazes")

    @property
    def design(self) -> Any:
        """Columns that mien did not make: conditions, subjects, ratings, whatever was added."""
        return self._group("design")

    @property
    def inputs(self) -> Any:
        """Column `input`: the file each row comes from (of a row: its value)."""
        return self["input"]  # type: ignore[index]

    @property
    def groups(self) -> dict[str, list[Any]]:
        """Names of the columns of each group of `mien.schema.GROUPS` that has any."""
        return {group: names for group, names in schema.groups(self._names()).items() if names}

    @property
    def time_columns(self) -> list[Any]:
        """Names of the columns that say when: `frame` and `time` (``table.time`` is the column)."""
        return self.groups.get("time", [])

    @property
    def design_columns(self) -> list[Any]:
        """Names of the columns that mien did not make."""
        return self.groups.get("design", [])


def _is_landmark(name: Hashable, axis: str) -> bool:
    return schema.group_of(name) == "landmarks" and str(schema.source_of(name)).startswith(axis)


class FaceSeries(_Groups, pd.Series):
    """A row (or a column) of a `FaceTable`: a pandas Series with the same groups and provenance."""

    _metadata = [*pd.Series._metadata, "provenance"]  # type: ignore[attr-defined]  # noqa: RUF012
    provenance: Provenance

    def __init__(self, *args: Any, provenance: Provenance | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.provenance = _inherited(provenance, args, kwargs)

    @property
    def _constructor(self) -> type[FaceSeries]:
        return FaceSeries

    @property
    def _constructor_expanddim(self) -> Callable[..., FaceTable]:
        return FaceTable

    def _names(self) -> Iterable[Hashable]:
        return self.index

    def _pick(self, names: list[Any]) -> FaceSeries:
        return FaceSeries(self.loc[names].infer_objects())


class FaceTable(_Groups, AttachedMethods, pd.DataFrame):
    """Faces of images and videos: one row a face, and one row for each frame without a face.

    A pandas DataFrame in every way. Slicing, merging, grouping, concatenating and pickling keep the
    groups, which follow from the names of the columns present, and `provenance`. Columns come in
    the order `input`, `frame`, `time`, `face`, `track`, `status`, then the engine's;
    `mien.schema.describe()` says what each means. Rows without a face have NaN (never 0) and a
    `status` that says why.

    Parameters
    ----------
    data, index, columns, dtype, copy
        As for `pandas.DataFrame`.
    provenance : dict, optional
        How the numbers were made: versions, pack and hashes, options, provider, inputs. Only JSON's
        types.

    Attributes
    ----------
    provenance : dict
        As above; ``{}`` where unknown.

    Examples
    --------
    >>> table = FaceTable({"frame": [0, 1], "AU12": [0.1, 0.9], "condition": ["a", "b"]})
    >>> list(table.aus), list(table[table.AU12 > 0.5].design)
    (['AU12'], ['condition'])
    """

    _metadata = ["provenance"]  # noqa: RUF012 (pandas reads it so)
    provenance: Provenance

    def __init__(self, *args: Any, provenance: Provenance | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.provenance = _inherited(provenance, args, kwargs)

    @property
    def _constructor(self) -> type[FaceTable]:
        return FaceTable

    @property
    def _constructor_sliced(self) -> Callable[..., FaceSeries]:
        return FaceSeries

    def _names(self) -> Iterable[Hashable]:
        return self.columns

    def _pick(self, names: list[Any]) -> FaceTable:
        part: FaceTable = self[names]
        return part

    def __finalize__(self, other: Any, method: str | None = None, **kwargs: Any) -> FaceTable:
        """Carry provenance over from what pandas made this table of."""
        super().__finalize__(other, method=method, **kwargs)  # type: ignore[misc]
        if method == "concat":
            # `other` holds the tables: as `objs` up to pandas 2, as `input_objs` since.
            parts = getattr(other, "input_objs", None) or getattr(other, "objs", [])
            found = [p.provenance for p in parts if isinstance(p, FaceTable | FaceSeries)]
            self.provenance = merge_provenance(found)
        elif method == "merge":
            sides = (getattr(other, "left", None), getattr(other, "right", None))
            found = [p.provenance for p in sides if isinstance(p, FaceTable)]
            self.provenance = merge_provenance(found)
        else:
            self.provenance = dict(self.provenance)  # a change to one table stays in it
        return self


def _inherited(
    provenance: Provenance | None, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Provenance:
    """The provenance given, or that of the data a table is made of."""
    if provenance is None:
        data = args[0] if args else kwargs.get("data")
        provenance = data.provenance if isinstance(data, FaceTable | FaceSeries) else {}
    return dict(provenance)


class RowArrays(Protocol):
    """Rows of one input as the core hands them out; see ``_core.Results``."""

    @property
    def frame(self) -> NDArray[np.int64]:
        """Frame numbers in the input, from 0."""

    @property
    def time(self) -> NDArray[np.float64]:
        """Presentation times, s; NaN if unknown."""

    @property
    def face(self) -> NDArray[np.int32]:
        """Numbers of the faces in their frames; -1 without a face."""

    @property
    def track(self) -> NDArray[np.int32]:
        """Identities within the input; -1 without a face."""

    @property
    def status(self) -> NDArray[np.uint8]:
        """Index into `mien.schema.STATUSES`."""

    @property
    def values(self) -> NDArray[np.float32]:
        """Shape (rows, columns of the core)."""


STATUS_DTYPE = pd.CategoricalDtype(list(schema.STATUSES))


def table_from_arrays(
    parts: Sequence[tuple[Sequence[str], RowArrays]],
    columns: Sequence[str],
    provenance: Provenance,
) -> FaceTable:
    """A table of the core's results.

    Parameters
    ----------
    parts : sequence of (input names, rows)
        One name a row; rows in the order of the table.
    columns : sequence of str
        Names of the columns of ``rows.values``.
    provenance : dict
        See `FaceTable`.
    """
    names = [name for inputs, _ in parts for name in inputs]
    rows = [part for _, part in parts]
    # The copies matter: without them the table would hold on to the core's buffers.
    face = _stack([r.face for r in rows], np.int32)
    track = _stack([r.track for r in rows], np.int32)
    index = {
        "input": pd.Series(names, dtype="str"),
        "frame": _stack([r.frame for r in rows], np.int64),
        "time": _stack([r.time for r in rows], np.float64),
        "face": pd.arrays.IntegerArray(face, face < 0),
        "track": pd.arrays.IntegerArray(track, track < 0),
        "status": pd.Categorical.from_codes(
            _stack([r.status for r in rows], np.int8), dtype=STATUS_DTYPE
        ),
    }
    values = [r.values for r in rows]
    stacked = np.concatenate(values) if values else np.empty((0, len(columns)), np.float32)
    left = pd.DataFrame(index)
    right = pd.DataFrame(stacked, columns=pd.Index(columns))
    return FaceTable(pd.concat([left, right], axis=1), provenance=provenance)


def _stack(arrays: Sequence[NDArray[Any]], dtype: type[np.generic]) -> NDArray[Any]:
    return np.concatenate([np.asarray(a, dtype) for a in arrays]) if arrays else np.empty(0, dtype)
