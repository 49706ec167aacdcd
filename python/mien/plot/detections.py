"""One frame with all that was found in it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien.errors import InputError, OptionError
from mien.plot.bars import draw_bars
from mien.plot.frames import load_frame
from mien.plot.overlay import draw_box, draw_landmarks, draw_pose
from mien.table import FaceTable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["plot_detections"]


def __dir__() -> list[str]:
    return __all__


def plot_detections(
    table: FaceTable,
    frame: int | None = None,
    image: NDArray[np.uint8] | str | Path | None = None,
    *,
    input: str | None = None,
    faceboxes: bool = True,
    landmarks: bool = True,
    poses: bool = True,
    aus: bool = True,
    emotions: bool = True,
) -> Figure:
    """Draw one frame: the picture with boxes, landmarks and pose axes, and bars of action units and expressions.

    Parameters
    ----------
    table : FaceTable
    frame : int, optional
        Which one; may be left out if the table holds one frame.
    image : ndarray, str or Path, optional
        The picture, (height, width, 3) uint8 RGB, or the file it is in. By default it is read from the file that the column
        `input` names.
    input : str, optional
        Which one; may be left out if the table holds one input.
    faceboxes, landmarks, poses, aus, emotions : bool
        What to draw. Groups that the table lacks are left out. Each face has a colour of its own, which follows its track.

    Returns
    -------
    matplotlib.figure.Figure
        Save it with ``figure.savefig``; it belongs to no backend.

    Raises
    ------
    OptionError
        The table holds several frames or inputs, and none was chosen.
    InputError
        No such frame or input, or a picture that can't be read or has another size than the rows say.

    Examples
    --------
    >>> table.plot_detections(frame=30).savefig("frame30.png")  # doctest: +SKIP
    """
    from matplotlib.figure import Figure

    rows = _one(_one(table, "input", input), "frame", frame)
    first = rows.iloc[0]
    picture = load_frame(image, str(first["input"]), int(first["frame"]), float(first["time"]))
    _check_size(rows, picture)
    faces = rows[rows["status"] == "ok"]
    colors = [_color(face) for _, face in faces.iterrows()]

    bars = [(g, t) for g, t, on in _bars(faces, aus=aus, emotions=emotions) if on]
    figure = Figure(figsize=(7 + 3 * len(bars), 5), layout="constrained")
    grid = figure.add_gridspec(1, 1 + len(bars), width_ratios=[3, *[1] * len(bars)])
    ax = figure.add_subplot(grid[0, 0])
    ax.imshow(picture)
    ax.set_axis_off()
    ax.set_title(_title(first, len(faces)), fontsize=9, loc="left")
    ax.set_autoscale_on(False)
    for (_, face), color in zip(faces.iterrows(), colors, strict=True):
        _draw_face(ax, face, color, faceboxes=faceboxes, landmarks=landmarks, poses=poses)
    for place, (values, title) in enumerate(bars, start=1):
        draw_bars(figure.add_subplot(grid[0, place]), values, colors, title)
    return figure


def _draw_face(
    ax: Any, face: Any, color: Any, *, faceboxes: bool, landmarks: bool, poses: bool
) -> None:
    has = face.groups
    if faceboxes and "faceboxes" in has:
        draw_box(ax, face, color)
    if landmarks and "landmarks" in has:
        draw_landmarks(ax, face, color)
    if poses and "poses" in has and "faceboxes" in has:
        draw_pose(ax, face)


def _bars(faces: FaceTable, *, aus: bool, emotions: bool) -> list[tuple[FaceTable, str, bool]]:
    whole = [name for name in faces.aus if "_" not in name]
    units: FaceTable = faces[whole or list(faces.aus)]
    return [
        (units, "action units", aus and units.shape[1] > 0),
        (faces.emotions, "expressions", emotions and faces.emotions.shape[1] > 0),
    ]


def _one(table: FaceTable, name: str, wanted: Any) -> FaceTable:
    """The rows in which column `name` has the wanted value, or the only value there is."""
    if name not in table:
        raise InputError(f"table: wanted a column {name!r}, got {list(table.columns)[:10]}")
    if wanted is None:
        values = table[name].unique()
        if len(values) != 1:
            raise OptionError(
                f"{name}: wanted one of the {len(values)} in the table to draw; pass {name}="
            )
        wanted = values[0]
    rows: FaceTable = table[table[name] == wanted]
    if rows.empty:
        raise InputError(f"{name}: the table has no {name} {wanted!r}")
    return rows


def _check_size(rows: FaceTable, picture: NDArray[np.uint8]) -> None:
    if "FrameWidth" not in rows or rows["FrameWidth"].isna().all():
        return
    wanted = (int(rows["FrameHeight"].iloc[0]), int(rows["FrameWidth"].iloc[0]))
    if picture.shape[:2] != wanted:
        raise InputError(
            f"image: wanted the analysed frame of height {wanted[0]}, width {wanted[1]}, "
            f"got height {picture.shape[0]}, width {picture.shape[1]}"
        )


def _color(face: Any) -> Any:
    from matplotlib import colormaps

    known = bool(pd.notna(face.get("track")))
    return colormaps["tab10"](int(face["track"] if known else 0) % 10)


def _title(row: Any, faces: int) -> str:
    time = "" if np.isnan(row["time"]) else f", {row['time']:.3f} s"
    count = {0: "no face", 1: "1 face"}.get(faces, f"{faces} faces")
    return f"{Path(str(row['input'])).name}, frame {row['frame']}{time}: {count}"
