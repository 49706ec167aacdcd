"""Frames with what was detected in them."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien.errors import InputError, OptionError
from mien.plot._bars import draw_bars
from mien.plot._colorbars import add_colorbar
from mien.plot._frames import load_frame
from mien.plot._heat import ACTIVATION, activation_scale, draw_muscles
from mien.plot._overlay import (
    draw_box,
    draw_gaze,
    draw_landmarks,
    draw_pose,
    drawable,
    landmarks_of,
)
from mien.plot._style import color, new_axes, new_figure
from mien.schema import FACE_STATUSES
from mien.table import FaceTable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_detections"]


ImageSource = NDArray[np.uint8] | str | Path | None
"""An image, the file it is in, or None for the file that the table names."""
MOST_FRAMES = 64


@dataclass(frozen=True)
class Layers:
    """What is drawn over the image."""

    faceboxes: bool
    landmarks: bool
    poses: bool
    gazes: bool
    muscles: bool
    emoji: bool = False


def plot_detections(
    table: FaceTable,
    frame: int | Sequence[int] | None = None,
    image: ImageSource | Sequence[ImageSource] = None,
    *,
    input: str | None = None,
    faceboxes: bool = True,
    landmarks: bool = True,
    poses: bool = True,
    gazes: bool = True,
    aus: bool = True,
    emotions: bool = True,
    muscles: bool = False,
    emoji: bool = False,
    columns: int | None = None,
    ax: Axes | None = None,
    figure: Any = None,
) -> Figure | Axes:
    """Draw frames: the image with boxes, landmarks, pose axes and gaze, and bars of action units
    and expressions.

    Parameters
    ----------
    table : FaceTable
    frame : int or sequence of int, optional
        Number of the frame or frames; may be left out if the table holds one frame.
    image : ndarray, str or Path, optional
        The image, (height, width, 3) uint8 RGB, or the file it is in; of several frames a list of
        images, or the one video. By default it is read from the file that the column `input` names.
    input : str, optional
        Name of the input; may be left out if the table holds one input.
    faceboxes, landmarks, poses, gazes, aus, emotions : bool
        What to draw. Groups that the table lacks are left out. Each face has a colour of its own,
        which follows its track. Arrows of pose and gaze are half a box long when they lie in the
        image's plane.
    muscles : bool
        Colour each face's muscles by its action units.
    emoji : bool
        Write the emoji that fits each face's action units best beside its box, see
        `mien.facs.emoji`.
    columns : int, optional
        Frames side by side; 2 by default.
    ax : matplotlib Axes, optional
        Draw the image of one frame there, without bars.
    figure : matplotlib Figure or SubFigure, optional
        An empty one to draw in.

    Returns
    -------
    matplotlib.figure.Figure or Axes
        The figure (save it with ``figure.savefig``; it belongs to no backend), or `ax` where that
        was given.

    Raises
    ------
    OptionError
        The table holds several frames or inputs and none was chosen; more than 64 frames; both `ax`
        and `figure`.
    InputError
        No such frame or input, an image that can't be read or has another size than the rows say,
        or no action units for muscles or emoji.

    Examples
    --------
    >>> table.plot_detections(frame=30).savefig("frame30.png")  # doctest: +SKIP
    >>> table.plot_detections(frame=[0, 30, 60], muscles=True)  # doctest: +SKIP
    """
    layers = Layers(faceboxes, landmarks, poses, gazes, muscles, emoji)
    rows = rows_of(table, "input", input)
    frames = _frames(rows, frame)
    images = _images(image, len(frames))
    if ax is not None:
        if figure is not None or len(frames) != 1:
            raise OptionError("ax: holds one frame, and goes without figure=")
        _draw_frame(new_axes(ax, (7, 5)), frames[0], images[0], layers)
        return ax
    drawing, places = _layout(figure, len(frames), columns, bars=aus + emotions)
    for place, rows_of_frame, source in zip(places, frames, images, strict=False):
        _draw_sheet(place, rows_of_frame, source, layers, aus=aus, emotions=emotions)
    return drawing


def _layout(
    figure: Any, frames: int, columns: int | None, bars: int
) -> tuple[Figure, Sequence[Any]]:
    """A figure, and the part of it that each frame is drawn in; `bars` is panels a frame."""
    if frames == 1:
        single: Figure = new_figure(figure, (7 + 3 * bars, 5))
        return single, [single]
    across = columns or min(2, frames)
    down = -(-frames // across)
    drawing: Figure = new_figure(figure, ((4.5 + 2 * bars) * across, 3.6 * down))
    return drawing, list(drawing.subfigures(down, across, squeeze=False).ravel())


def _draw_sheet(
    place: Any, rows: FaceTable, image: ImageSource, layers: Layers, *, aus: bool, emotions: bool
) -> None:
    """One frame with its bars."""
    faces = faces_of(rows)
    bars = bars_of(faces, aus=aus, emotions=emotions)
    grid = place.add_gridspec(1, 1 + len(bars), width_ratios=[3, *[1] * len(bars)])
    _draw_frame(place.add_subplot(grid[0, 0]), rows, image, layers)
    colors = [face_color(face) for _, face in faces.iterrows()]
    for at, (values, title) in enumerate(bars, start=1):
        draw_bars(place.add_subplot(grid[0, at]), values, colors, title)


def _draw_frame(ax: Axes, rows: FaceTable, image: ImageSource, layers: Layers) -> None:
    pixels = image_of(rows, image)
    faces = faces_of(rows)
    if layers.emoji and len(faces):
        faces = faces.join(faces.emoji())
    ax.imshow(pixels)
    ax.set_axis_off()
    ax.set_title(frame_title(rows.iloc[0], len(faces)), fontsize=9, loc="left")
    ax.set_autoscale_on(False)
    for _, face in faces.iterrows():
        _draw_face(ax, face, layers)
    if layers.muscles and len(faces):
        add_colorbar(ax, activation_scale(), ACTIVATION)


def _draw_face(ax: Axes, face: Any, layers: Layers) -> None:
    present, color = drawable(face), face_color(face)
    if layers.muscles:
        require_muscles(present)
        draw_muscles(ax, landmarks_of(face), face.aus.to_dict(), alpha=0.7)
    if layers.faceboxes and "faceboxes" in present:
        draw_box(ax, face, color)
    if layers.landmarks and "landmarks" in present:
        draw_landmarks(ax, face, color)
    if layers.poses and "poses" in present and "faceboxes" in present:
        draw_pose(ax, face)
    if layers.gazes and "gazes" in present and "faceboxes" in present:
        draw_gaze(ax, face)
    if layers.emoji:
        from mien.facs import draw_emoji

        draw_emoji(ax, face, color)


def require_muscles(groups: Container[str]) -> None:
    """Raise `InputError` where a group that muscles are drawn from is missing."""
    if "landmarks" not in groups or "aus" not in groups:
        raise InputError("muscles need landmarks and action units, and the table lacks them")


def faces_of(rows: FaceTable) -> FaceTable:
    """The rows that have a face, flagged or not."""
    has_face = rows["status"].isin(FACE_STATUSES) if "status" in rows else slice(None)
    faces: FaceTable = rows[has_face]
    return faces


def bars_of(faces: FaceTable, *, aus: bool, emotions: bool) -> list[tuple[FaceTable, str]]:
    """Values to draw as bars, of the groups that are wanted and present, and their titles."""
    present = drawable(faces)
    units, expressions = present.get("aus", []), present.get("emotions", [])
    whole = [name for name in units if "_" not in name]
    bars = []
    if aus and units:
        bars.append((faces[whole or units], "action units"))
    if emotions and expressions:
        bars.append((faces[expressions], "expressions"))
    return bars


def _frames(table: FaceTable, frame: int | Sequence[int] | None) -> list[FaceTable]:
    """Rows of each frame that is wanted."""
    if frame is None or np.isscalar(frame):
        return [rows_of(table, "frame", frame)]
    wanted = list(np.asarray(frame).ravel())
    if not 1 <= len(wanted) <= MOST_FRAMES:
        raise OptionError(f"frame: wanted 1 to {MOST_FRAMES} frames, got {len(wanted)}")
    return [rows_of(table, "frame", number) for number in wanted]


def _images(image: ImageSource | Sequence[ImageSource], frames: int) -> list[ImageSource]:
    """An image for each frame."""
    if image is None or isinstance(image, str | Path):
        return [image] * frames
    if isinstance(image, np.ndarray) and (frames == 1 or image.ndim != 4):
        if frames > 1:
            raise InputError(f"image: wanted {frames} images, one for each frame, got one")
        return [image]
    if len(image) != frames:
        raise InputError(f"image: wanted {frames} images, one for each frame, got {len(image)}")
    return list(image)


def rows_of(table: FaceTable, name: str, wanted: Any) -> FaceTable:
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


def image_of(rows: FaceTable, image: ImageSource) -> NDArray[np.uint8]:
    """The image that the rows of one frame were computed from."""
    first = rows.iloc[0]
    time = float(first.get("time", np.nan))
    sar = rows.provenance.get("read", {}).get("sar")
    pixels = load_frame(image, str(first["input"]), int(first["frame"]), time, sar)
    if "FrameWidth" not in rows or rows["FrameWidth"].isna().all():
        return pixels
    wanted = (int(first["FrameHeight"]), int(first["FrameWidth"]))
    if pixels.shape[:2] != wanted:
        raise InputError(
            f"image: wanted the analysed frame of height {wanted[0]}, width {wanted[1]}, "
            f"got height {pixels.shape[0]}, width {pixels.shape[1]}"
        )
    return pixels


def face_color(face: Any) -> str:
    """The colour of a face's track."""
    known = bool(pd.notna(face.get("track")))
    return color(int(face["track"]) if known else 0)


def frame_title(row: Any, faces: int) -> str:
    """File, frame, time and number of faces."""
    seconds = row.get("time", np.nan)
    time = "" if np.isnan(seconds) else f", {seconds:.3f} s"
    count = {0: "no face", 1: "1 face"}.get(faces, f"{faces} faces")
    return f"{Path(str(row['input'])).name}, frame {row['frame']}{time}: {count}"
