"""What was found, drawn over the picture: boxes, landmarks, pose axes. Coordinates are pixels of the frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mien.plot.pose import pose_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mien.table import FaceSeries

__all__ = ["draw_box", "draw_landmarks", "draw_pose"]


def __dir__() -> list[str]:
    return __all__


# Lines through the landmarks: first, last, and whether the line closes.
_LINES = (
    (0, 16, False),
    (17, 21, False),
    (22, 26, False),
    (27, 30, False),
    (31, 35, False),
    (36, 41, True),
    (42, 47, True),
    (48, 59, True),
    (60, 67, True),
)
_AXIS_COLORS = ("#d62728", "#2ca02c", "#1f77b4")  # the head's left, top, front


def draw_box(ax: Axes, face: FaceSeries, color: Any) -> None:
    """Box of a face with its score and, where there is one, its track."""
    from matplotlib.patches import Rectangle

    x, y, width, height = (float(face[f"FaceRect{part}"]) for part in ("X", "Y", "Width", "Height"))
    ax.add_patch(Rectangle((x, y), width, height, fill=False, edgecolor=color, linewidth=1.5))
    track = f"{face['track']}  " if pd.notna(face.get("track")) else ""
    ax.text(
        x,
        y,
        f"{track}{face['FaceScore']:.2f}",
        color="white",
        fontsize=8,
        verticalalignment="bottom",
        bbox={"facecolor": color, "edgecolor": "none", "pad": 1.5},
        clip_on=True,
    )


def draw_landmarks(ax: Axes, face: FaceSeries, color: Any) -> None:
    """68 points, joined along brows, nose, eyes, lips and jaw."""
    x = face.landmarks_x.to_numpy(float)
    y = face.landmarks_y.to_numpy(float)
    for first, last, closed in _LINES:
        points = np.arange(first, last + 1)
        points = np.append(points, first) if closed else points
        ax.plot(x[points], y[points], color=color, linewidth=0.8, alpha=0.8)
    ax.scatter(x, y, s=3, color="white", linewidths=0, zorder=3)


def draw_pose(ax: Axes, face: FaceSeries) -> None:
    """Axes of the head from the middle of its box: left (red), top (green), front (blue)."""
    left, top, width, height = (float(face[f"FaceRect{p}"]) for p in ("X", "Y", "Width", "Height"))
    origin = np.array([left + width / 2, top + height / 2])
    axes = pose_axes(float(face["Pitch"]), float(face["Roll"]), float(face["Yaw"]))
    for direction, color in zip(axes, _AXIS_COLORS, strict=True):
        tip = origin + direction * width / 2
        ax.plot(*np.stack([origin, tip]).T, color=color, linewidth=2.5, solid_capstyle="round")
