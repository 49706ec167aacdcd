"""Faces drawn from rows of a table."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

from mien.errors import InputError
from mien.plot.face_model import FaceModel, Units
from mien.plot.faces import plot_face
from mien.table import FaceTable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_table_face"]


def plot_table_face(
    table: FaceTable,
    row: Hashable | None = None,
    *,
    reference: Units = None,
    muscles: bool = True,
    vectors: bool = True,
    gaze: tuple[float, float] | None = None,
    model: FaceModel | None = None,
    title: str | None = None,
    colorbar: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Draw the face of a row's action units, or of their mean over all rows with a face.

    The eyes look along the gaze less the head's pose where the table has both, and straight ahead
    otherwise. Only gazes well below a right angle can be drawn so.

    Parameters
    ----------
    table : FaceTable
    row : optional
        Its label in the index, which must be that of one row.
    gaze : (float, float), optional
        Pitch and yaw of the eyes against the head, radians; instead of the table's.
    reference, muscles, vectors, model, title, colorbar, ax
        As for `mien.plot.plot_face`.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    InputError
        No such row, several, one without a face, or no action units.
    """
    if row is None:
        values = table.select_dtypes("number").mean()
        units: Any = table.aus.mean()
    else:
        if row not in table.index:
            raise InputError(f"row: the table's index has no {row!r}")
        label: Any = row
        values = table.loc[label]
        if values.ndim != 1:
            raise InputError(f"row: the index has {len(values)} rows {row!r}; wanted one")
        units = values[list(table.aus.columns)]
    angles = ("gaze_pitch", "gaze_yaw", "Pitch", "Yaw")
    if gaze is None and all(name in values.index for name in angles):
        look = [float(values[name]) for name in angles]
        gaze = (look[0] - look[2], look[1] - look[3])
    return plot_face(
        units.astype(float),
        reference=reference,
        muscles=muscles,
        vectors=vectors,
        gaze=(0.0, 0.0) if gaze is None else gaze,
        model=model,
        title=title,
        colorbar=colorbar,
        ax=ax,
    )
