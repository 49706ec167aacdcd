"""A face drawn from action units alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mien.errors import OptionError
from mien.plot._colorbars import add_colorbar
from mien.plot._heat import ACTIVATION, activation_scale, draw_muscles
from mien.plot._landmarks import EYES, LINES, path
from mien.plot._style import COLORS, INK, QUIET, new_axes
from mien.plot.face_model import FaceModel, Units, face_model

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_face", "iris_centres", "plot_face"]


ARROWS = COLORS[0]
SHORTEST_ARROW = 0.01
"""Movements below this many interocular distances get no arrow."""
# From the eyeball's centre to the iris, and the iris' radius, over the width of the eye: 10.5 mm,
# 5.9 mm and 30 mm.
_LEVER, _IRIS = 10.5 / 30, 5.9 / 30


def plot_face(
    au: Units = None,
    *,
    reference: Units = None,
    muscles: bool = True,
    vectors: bool = True,
    gaze: tuple[float, float] = (0.0, 0.0),
    model: FaceModel | None = None,
    title: str | None = None,
    colorbar: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Draw a face from action units alone.

    Landmarks come from the face model; muscles are coloured by activation, arrows show movement.

    Parameters
    ----------
    au : mapping, Series, array, str or None
        Action units, 0-1: by name (``{"AU12": 0.8, "AU06_L": 0.4}``), a row of a table, in the
        model's order, or the name of a basic expression; see `mien.plot.FaceModel.values`.
    reference : as `au`
        The face that the arrows start from; the neutral one by default.
    muscles : bool
        Colour the muscles. Units that are a muscle's relaxing (AU25, AU26, AU43) colour none.
    vectors : bool
        Draw each landmark's movement at its true length, if it is more than 0.01 interocular
        distances.
    gaze : (pitch, yaw)
        Of the eyes in the head, rad; up and towards the subject's right are positive.
    model : FaceModel, optional
        Another than mien's.
    title : str, optional
    colorbar : bool
        Add the scale of the activations.
    ax : matplotlib Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes
        In interocular distances, origin between the eyes, y down; the viewer's left is the
        subject's right.

    Raises
    ------
    InputError
        Units that the model doesn't know, that are missing, or no numbers.
    OptionError
        A gaze that isn't two angles below a right angle.

    Examples
    --------
    >>> ax = plot_face({"AU06": 0.6, "AU12": 0.9, "AU25": 0.4})
    >>> ax.figure.savefig("smile.png")  # doctest: +SKIP
    """
    model = model or face_model()
    values = model.values(au)
    check_gaze(gaze)
    face, start = model.landmarks(values), model.landmarks(reference)
    ax = new_axes(ax, (4.6, 4.6))
    draw_face(ax, face, gaze)
    if muscles:
        draw_muscles(ax, face, dict(zip(model.units, values.tolist(), strict=True)))
        if colorbar:
            add_colorbar(ax, activation_scale(), ACTIVATION)
    if vectors:
        draw_movement(ax, start, face)
    frame_face(ax)
    if title is not None:
        ax.set_title(title, fontsize=10)
    return ax


def check_gaze(gaze: tuple[float, float]) -> None:
    """Raise `OptionError` unless `gaze` is (pitch, yaw) in rad, each below a right angle."""
    angles = np.asarray(gaze, float)
    if angles.shape != (2,) or not (np.abs(angles) < np.pi / 2).all():
        raise OptionError(f"gaze: wanted (pitch, yaw) in rad, each below pi / 2, got {gaze!r}")


def frame_face(ax: Axes) -> None:
    """Set the same limits for every face, so that faces side by side can be compared."""
    ax.set_aspect("equal")
    ax.set_xlim(-1.4, 1.4)
    ax.set_ylim(2.35, -1.1)
    ax.set_axis_off()


def draw_face(
    ax: Axes, landmarks: NDArray[np.float64], gaze: tuple[float, float] = (0.0, 0.0)
) -> None:
    """Draw lines through the landmarks (68, 2), the eyes along `gaze`, and a forehead.

    The forehead is dashed: no landmark says where it is.
    """
    for line in LINES:
        points = landmarks[path(*line)]
        ax.plot(*points.T, color=INK, linewidth=1.4, solid_joinstyle="round", zorder=3)
    ax.plot(*forehead(landmarks).T, color=QUIET, linewidth=1, linestyle=(0, (3, 3)), zorder=1)
    _draw_eyes(ax, landmarks, gaze)


def forehead(landmarks: NDArray[np.float64]) -> NDArray[np.float64]:
    """An arc (41, 2) from temple to temple over the brows."""
    right, left = landmarks[0], landmarks[16]
    angle = np.linspace(0, np.pi, 41)[:, None]
    middle, half = (right + left) / 2, (left - right) / 2
    up = (landmarks[27] - landmarks[33]) / np.linalg.norm(landmarks[27] - landmarks[33])
    arc: NDArray[np.float64] = middle - np.cos(angle) * half + np.sin(angle) * up * 1.0
    return arc


def iris_centres(
    landmarks: NDArray[np.float64], gaze: tuple[float, float]
) -> tuple[NDArray[np.float64], float]:
    """Centres (2, 2) and radius of the irises of eyes that look along a gaze."""
    pitch, yaw = gaze
    width = float(np.mean([np.linalg.norm(landmarks[e[3]] - landmarks[e[0]]) for e in EYES]))
    away = np.array([-np.sin(yaw) * np.cos(pitch), -np.sin(pitch)]) * _LEVER * width
    middles = np.array([landmarks[list(eye)].mean(0) for eye in EYES])
    return middles + away, _IRIS * width


def _draw_eyes(ax: Axes, landmarks: NDArray[np.float64], gaze: tuple[float, float]) -> None:
    from matplotlib.patches import Circle, Polygon

    centres, radius = iris_centres(landmarks, gaze)
    for eye, centre in zip(EYES, centres, strict=True):
        white = Polygon(landmarks[list(eye)], facecolor="white", edgecolor="none", zorder=2)
        ax.add_patch(white)
        for part, color in ((1.0, "#7a6a5a"), (0.45, "black")):
            iris = Circle(
                (float(centre[0]), float(centre[1])),
                radius * part,
                color=color,
                linewidth=0,
                zorder=2.2,
            )
            ax.add_patch(iris)
            iris.set_clip_path(white)


def draw_movement(ax: Axes, start: NDArray[np.float64], end: NDArray[np.float64]) -> None:
    """Draw arrows of true length from landmarks (68, 2) to where they moved, and a scale."""
    away = end - start
    far = np.linalg.norm(away, axis=1) > SHORTEST_ARROW
    if not far.any():
        return
    ax.quiver(
        *start[far].T,
        *away[far].T,
        angles="xy",
        scale_units="xy",
        scale=1,
        color=ARROWS,
        width=0.006,
        zorder=4,
    )
    ax.plot([-1.35, -1.25], [2.25, 2.25], color=ARROWS, linewidth=2, solid_capstyle="butt")
    ax.text(-1.2, 2.25, "moved: 0.1 interocular distances", fontsize=7, color=INK, va="center")
