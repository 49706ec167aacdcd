"""Detections drawn over the image: boxes, landmarks, pose axes, gaze. Coordinates are pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien import schema
from mien.plot._landmarks import EYES, LINES, path
from mien.plot._pose import pose_axes
from mien.plot._style import COLORS, ink_on

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mien.table import FaceSeries, FaceTable

__all__ = ["draw_box", "draw_gaze", "draw_landmarks", "draw_pose", "drawable", "landmarks_of"]


_AXIS_COLORS = (COLORS[5], COLORS[2], COLORS[0])  # the head's left, top, front
GAZE_COLOR = COLORS[6]


def drawable(rows: FaceTable | FaceSeries) -> dict[str, list[Any]]:
    """Columns by group, without features (``f1.0_power_x_0``), which are no places in the image."""
    return {
        group: plain
        for group, names in rows.groups.items()
        if (plain := [name for name in names if schema.source_of(name) == name])
    }


def landmarks_of(face: FaceSeries) -> NDArray[np.float64]:
    """Landmarks (68, 2) of a row."""
    return np.stack([face.landmarks_x.to_numpy(float), face.landmarks_y.to_numpy(float)], 1)


def box_of(face: FaceSeries) -> tuple[float, float, float, float]:
    """Left, top, width and height of a row's box."""
    left, top, width, height = (float(face[f"FaceRect{p}"]) for p in ("X", "Y", "Width", "Height"))
    return left, top, width, height


def box_label(face: FaceSeries) -> str:
    """The track, where there is one, and the score."""
    track = f"{face['track']}  " if pd.notna(face.get("track")) else ""
    return f"{track}{face['FaceScore']:.2f}"


def draw_box(ax: Axes, face: FaceSeries, color: Any) -> None:
    """Box of a face with its score and, where there is one, its track."""
    from matplotlib.patches import Rectangle

    x, y, width, height = box_of(face)
    ax.add_patch(Rectangle((x, y), width, height, fill=False, edgecolor=color, linewidth=1.5))
    ax.text(
        x,
        y,
        box_label(face),
        color=ink_on(color),
        fontsize=8,
        verticalalignment="bottom",
        bbox={"facecolor": color, "edgecolor": "none", "pad": 1.5},
        clip_on=True,
    )


def draw_landmarks(ax: Axes, face: FaceSeries, color: Any) -> None:
    """68 points, joined along brows, nose, eyes, lips and jaw."""
    points = landmarks_of(face)
    for line in LINES:
        ax.plot(*points[path(*line)].T, color=color, linewidth=0.8, alpha=0.8)
    ax.scatter(points[:, 0], points[:, 1], s=3, color="white", linewidths=0, zorder=3)


def pose_lines(face: FaceSeries) -> list[tuple[NDArray[np.float64], str]]:
    """Axes of the head from the middle of its box, ends (2, 2) and colour.

    They are left (vermilion), top (green) and front (blue).
    """
    left, top, width, height = box_of(face)
    origin = np.array([left + width / 2, top + height / 2])
    axes = pose_axes(float(face["Pitch"]), float(face["Roll"]), float(face["Yaw"]))
    tips = origin + axes * width / 2
    return [(np.stack([origin, tip]), color) for tip, color in zip(tips, _AXIS_COLORS, strict=True)]


def draw_pose(ax: Axes, face: FaceSeries) -> None:
    """The lines of `pose_lines`."""
    for ends, color in pose_lines(face):
        ax.plot(*ends.T, color=color, linewidth=2.5, solid_capstyle="round")


def gaze_lines(face: FaceSeries) -> list[NDArray[np.float64]]:
    """Ends (2, 2) of a line from each eye along the gaze; half the box's width is a right angle.

    Without landmarks there is one line, from the middle of the box.
    """
    left, top, width, height = box_of(face)
    if "landmarks" in drawable(face):
        points = landmarks_of(face)
        starts = [points[list(eye)].mean(0) for eye in EYES]
    else:
        starts = [np.array([left + width / 2, top + height / 2])]
    pitch, yaw = float(face["gaze_pitch"]), float(face["gaze_yaw"])
    away = np.array([-np.sin(yaw) * np.cos(pitch), -np.sin(pitch)]) * width / 2
    return [np.stack([start, start + away]) for start in starts]


def draw_gaze(ax: Axes, face: FaceSeries) -> None:
    """Arrows along `gaze_lines`."""
    for start, tip in gaze_lines(face):
        ax.annotate(
            "",
            xy=tuple(tip),
            xytext=tuple(start),
            arrowprops={
                "arrowstyle": "-|>",
                "mutation_scale": 8,
                "color": GAZE_COLOR,
                "linewidth": 1.8,
                "shrinkA": 0,
                "shrinkB": 0,
            },
            annotation_clip=True,
        )
