"""The quality of one clip's recording on one sheet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien.errors import InputError
from mien.plot._colorbars import add_colorbar
from mien.plot._style import COLORS, INK, QUIET, SEQUENTIAL, color, new_figure, tidy
from mien.plot.detections import faces_of, plot_detections, rows_of
from mien.plot.quality import TURNED, quality, sharpness, switches
from mien.table import FaceTable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_quality"]


WARN = COLORS[5]
THUMBNAILS = 4
# Values outside these limits are marked. The limits follow practice in the field: OpenFace's author
# drops frames below 0.7, and faces narrower than 48 pixels lose their action units first.
WANTED: dict[str, tuple[str, float]] = {
    "coverage": ("at least", 0.9),
    "longest_gap": ("at most", 1.0),
    "undecoded": ("at most", 0),
    "flagged": ("at most", 0.05),
    "switches": ("at most", 0),
    "score": ("at least", 0.7),
    "width_low": ("at least", 48),
    "turned": ("at most", 0.1),
}


def plot_quality(
    table: FaceTable, input: str | None = None, *, samples: int = 0, figure: Any = None
) -> Figure:
    """Draw a quality-control sheet of one clip.

    It has the measures of `mien.plot.quality`, and tracks, pose, size, score and sharpness over
    time, and the positions of the faces.

    Parameters
    ----------
    table : FaceTable
    input : str, optional
        Which clip; may be left out if the table holds one.
    samples : int
        Frames to read again from the file for sharpness and for thumbnails with boxes and
        landmarks; 0 for none.
    figure : matplotlib Figure or SubFigure, optional
        An empty one to draw in.

    Returns
    -------
    matplotlib.figure.Figure
        Measures out of their limits are marked with ``!`` and the limit.

    Raises
    ------
    InputError
        No such clip, a column that `mien.plot.quality` needs, or (with samples) a file that isn't
        there.
    OptionError
        The table holds several clips and none was chosen.
    """
    clip = rows_of(table, "input", input)
    measures = quality(clip).iloc[0]
    sharp = sharpness(clip, samples) if samples else None
    drawing: Figure = new_figure(figure, (11, 8.5 if samples else 7))
    drawing.suptitle(
        f"Recording quality: {Path(str(measures['input'])).name}", fontsize=11, x=0.02, ha="left"
    )
    heights = [2.2, *([1.6] if samples else []), 4]
    parts: Any = drawing.subfigures(len(heights), 1, height_ratios=heights)
    top = parts[0].subfigures(1, 2, width_ratios=[2, 1])
    _write_measures(top[0].add_subplot(), measures)
    _draw_positions(top[1].add_subplot(), clip)
    if samples:
        _draw_thumbnails(parts[1], clip, min(samples, THUMBNAILS))
    _draw_time(parts[-1], clip, sharp)
    return drawing


def _formatted(name: str, value: float) -> str:
    if pd.isna(value):
        return "unknown"
    if name in ("coverage", "flagged", "turned"):
        return f"{value:.0%}"
    return f"{value:.0f}" if float(value).is_integer() or abs(value) >= 100 else f"{value:.2f}"


def _range(measures: pd.Series, name: str) -> str:
    if f"{name}_low" not in measures or pd.isna(measures[f"{name}_low"]):
        return "unknown"
    low, high = (
        np.rad2deg([measures[f"{name}_low"], measures[f"{name}_high"]]).round() + 0.0
    )  # no -0
    return f"{low:.0f} to {high:.0f}"


def _warning(name: str, value: float) -> str:
    if name not in WANTED or pd.isna(value):
        return ""
    side, limit = WANTED[name]
    good = value >= limit if side == "at least" else value <= limit
    return "" if good else f"! wanted {side} {_formatted(name, limit)}"


_LABELS = (
    ("frames", "frames"),
    ("seconds", "length (s)"),
    ("coverage", "frames with a face"),
    ("longest_gap", "longest gap (s)"),
    ("undecoded", "frames not decoded"),
    ("flagged", "faces of low quality"),
    ("faces", "most faces in a frame"),
    ("tracks", "tracks"),
    ("short_tracks", "tracks below 1 s"),
    ("switches", "track switches"),
    ("score", "median FaceScore (0-1)"),
    ("width", "median face width (pixels)"),
    ("width_low", "5th percentile of width (pixels)"),
    ("turned", "faces turned beyond 30 degrees"),
)


def sheet_lines(measures: pd.Series) -> list[tuple[str, str, str]]:
    """Label, value, and a warning where the value is out of its limit, of each measure."""
    lines = [
        (label, _formatted(name, measures[name]), _warning(name, measures[name]))
        for name, label in _LABELS
        if name in measures
    ]
    return lines + [
        (f"{name}, 5th to 95th percentile (degrees)", _range(measures, name), "")
        for name in ("pitch", "roll", "yaw")
    ]


def _write_measures(ax: Axes, measures: pd.Series) -> None:
    """Write labels and values in two columns."""
    lines = sheet_lines(measures)
    ax.set_axis_off()
    half = -(-len(lines) // 2)
    for number, (label, value, warning) in enumerate(lines):
        x, y = number // half * 0.52, 1 - (number % half + 0.5) / half
        ink = WARN if warning else INK
        text = "  ".join(part for part in (f"{label}: {value}", warning) if part)
        ax.text(x + 0.02, y, text, fontsize=8, color=ink, va="center")


def positions(clip: FaceTable) -> tuple[NDArray[np.float64], ...]:
    """Histogram (18, 32) of the centres of the faces, NaN where there are none, and its edges.

    The edges of the columns (33,) and of the rows (19,) are in pixels of the frame.
    """
    faces = faces_of(clip)
    x = (faces["FaceRectX"] + faces["FaceRectWidth"] / 2).to_numpy(float)
    y = (faces["FaceRectY"] + faces["FaceRectHeight"] / 2).to_numpy(float)
    sized = "FrameWidth" in clip and bool(clip["FrameWidth"].notna().any())
    width = float(clip["FrameWidth"].max()) if sized else float(np.max(x, initial=1) * 1.1)
    height = float(clip["FrameHeight"].max()) if sized else float(np.max(y, initial=1) * 1.1)
    counts, columns, rows = np.histogram2d(x, y, bins=(32, 18), range=((0, width), (0, height)))
    return np.where(counts > 0, counts, np.nan).T, columns, rows


def _draw_positions(ax: Axes, clip: FaceTable) -> None:
    counts, columns, rows = positions(clip)
    mesh = ax.pcolormesh(columns, rows, np.ma.masked_invalid(counts), cmap=SEQUENTIAL, vmin=0)
    ax.set_aspect("equal")
    ax.invert_yaxis()
    ax.set_title("middle of the face", fontsize=8, loc="left")
    ax.set_xlabel("x (pixels)", fontsize=8)
    ax.set_ylabel("y (pixels)", fontsize=8)
    tidy(ax)
    if np.isfinite(counts).any():
        add_colorbar(ax, mesh, "faces")


def _draw_thumbnails(part: Any, clip: FaceTable, count: int) -> None:
    frames = clip.loc[clip["status"] == "ok", "frame"].unique()
    if not len(frames):
        raise InputError("samples: the clip has no face to draw")
    chosen = frames[np.unique(np.linspace(0, len(frames) - 1, count).round().astype(int))]
    for ax, frame in zip(part.subplots(1, len(chosen), squeeze=False)[0], chosen, strict=True):
        plot_detections(clip, int(frame), poses=False, gazes=False, ax=ax)
        seconds = float(clip.loc[clip["frame"] == frame, "time"].iloc[0])
        ax.set_title(f"{seconds:.2f} s", fontsize=8, loc="left")


def _draw_time(part: Any, clip: FaceTable, sharp: pd.DataFrame | None) -> None:
    faces = faces_of(clip)
    posed = {"Pitch", "Roll", "Yaw"} <= set(clip.columns)
    count = 3 + posed + (sharp is not None)
    axes = list(part.subplots(count, 1, sharex=True))
    _draw_tracks(axes[0], clip, faces)
    if posed:
        _draw_pose(axes[1], faces)
    _draw_column(axes[1 + posed], faces, "FaceRectWidth", "width (pixels)", WANTED["width_low"][1])
    _draw_column(axes[2 + posed], faces, "FaceScore", "FaceScore (0-1)", WANTED["score"][1])
    axes[2 + posed].set_ylim(0, 1.03)
    if sharp is not None:
        track: Any
        for track, rows in sharp.groupby("track", dropna=False):
            ink = color(0 if pd.isna(track) else int(track))
            axes[-1].plot(rows["time"], rows["sharpness"], "o", markersize=3, color=ink)
        axes[-1].set_ylabel("sharpness\n(grey levels²)", fontsize=7)
    for ax in axes:
        tidy(ax)
        ax.tick_params(labelsize=7)
    axes[-1].set_xlabel("time (s)", fontsize=8)
    part.align_ylabels(axes)


def without_face(clip: FaceTable) -> NDArray[np.float64]:
    """Times of the frames without a face, s."""
    empty = ~clip["frame"].isin(faces_of(clip)["frame"])
    return np.asarray(clip.loc[empty, "time"].to_numpy(float))


def _draw_tracks(ax: Axes, clip: FaceTable, faces: FaceTable) -> None:
    """Draw a row of marks for each track, and frames without a face along the bottom.

    Dashed lines are where a track continues as another.
    """
    tracks = list(pd.unique(faces["track"].dropna()))
    for number, track in enumerate(tracks):
        time = faces.loc[faces["track"] == track, "time"].to_numpy(float)
        ax.plot(time, np.full(len(time), number), "|", color=color(int(track)), markersize=7)
    empty = without_face(clip)
    ax.plot(empty, np.full(len(empty), -1.0), "|", color=WARN, markersize=7)
    for _, switch in switches(pd.DataFrame(clip)).iterrows():
        ax.axvline(switch["time"], color=WARN, linewidth=0.9, linestyle="--")
    ax.set_yticks(
        range(-1, len(tracks)), ["no face", *[str(int(track)) for track in tracks]], fontsize=7
    )
    ax.set_ylim(-1.6, len(tracks) - 0.4)
    ax.set_ylabel("track", fontsize=7)


def _draw_pose(ax: Axes, faces: FaceTable) -> None:
    for number, name in enumerate(("Pitch", "Roll", "Yaw")):
        degrees = np.rad2deg(faces[name].to_numpy(float))
        ax.plot(faces["time"], degrees, ".", markersize=2, color=color(number), label=name)
    for limit in (-TURNED, TURNED):
        ax.axhline(np.rad2deg(limit), color=QUIET, linewidth=0.8, linestyle="--")
    ax.set_ylabel("pose\n(degrees)", fontsize=7)
    ax.legend(fontsize=7, frameon=False, ncols=3, loc="upper right", markerscale=4)


def _draw_column(ax: Axes, faces: FaceTable, name: str, label: str, limit: float) -> None:
    track: Any
    for track, rows in faces.groupby("track", dropna=False):
        ink = color(0 if pd.isna(track) else int(track))
        ax.plot(rows["time"], rows[name], ".", markersize=2, color=ink)
    ax.axhline(limit, color=QUIET, linewidth=0.8, linestyle="--")
    ax.set_ylim(bottom=0)
    ax.set_ylabel(label.replace(" (", "\n(", 1), fontsize=7)
