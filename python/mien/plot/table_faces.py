"""Faces drawn from rows of a table."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

from mien.errors import InputError
from mien.plot.face_model import FaceModel, Units
from mien.plot.faces import plot_face
from mien.table import FaceTable

if TYPE_CHECKING:
    import pandas as pd
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
    """Draw the face that a row's action units make, or those of the mean of all rows with a face.

    Parameters
    ----------
    table : FaceTable
    row : optional
        Its label in the index, which must be that of one row.
    gaze : (pitch, yaw), optional
        Of the eyes in the head, rad. By default the table's gaze less the head's pose where it has
        both, and straight ahead otherwise; only gazes well below a right angle can be drawn so.
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
    values, units = _values(table, row)
    return plot_face(
        units.astype(float),
        reference=reference,
        muscles=muscles,
        vectors=vectors,
        gaze=_gaze_in_head(values) if gaze is None else gaze,
        model=model,
        title=title,
        colorbar=colorbar,
        ax=ax,
    )


def _values(table: FaceTable, row: Hashable | None) -> tuple[Any, pd.Series[Any]]:
    """Numbers of a row or means of all rows, and the action units among them."""
    if row is None:
        return table.select_dtypes("number").mean(), table.aus.mean()
    if row not in table.index:
        raise InputError(f"row: the table's index has no {row!r}")
    label: Any = row
    values: Any = table.loc[label]
    if values.ndim != 1:
        raise InputError(f"row: the index has {len(values)} rows {row!r}; wanted one")
    return values, values[list(table.aus.columns)]


def _gaze_in_head(values: Any) -> tuple[float, float]:
    """Pitch and yaw of the eyes in the head, rad; 0 where gaze or pose is not in the table."""
    names = ("gaze_pitch", "gaze_yaw", "Pitch", "Yaw")
    if not all(name in values.index for name in names):
        return (0.0, 0.0)
    gaze_pitch, gaze_yaw, pitch, yaw = (float(values[name]) for name in names)
    return (gaze_pitch - pitch, gaze_yaw - yaw)
