"""The quality of one clip's recording on one sheet."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from mien.plot._plotly_backend.figure import new_figure, plotly_graphs
from mien.plot._style import INK, QUIET, color
from mien.plot.detections import faces_of, rows_of
from mien.plot.quality import TURNED, quality, sharpness, switches
from mien.plot.quality_sheet import WANTED, WARN, positions, sheet_lines, without_face
from mien.table import FaceTable

__all__ = ["plot_quality"]


POSE = ("Pitch", "Roll", "Yaw")
TIMES = 0.57
"""Share of the height that the panels over time take; numbers and positions lie above."""


def plot_quality(
    table: FaceTable, input: str | None = None, *, samples: int = 0, figure: Any = None
) -> Any:
    """Draw a quality-control sheet of one clip; its panels over time zoom together.

    Parameters
    ----------
    table, input
        As for `mien.plot.plot_quality`.
    samples : int
        Frames to read again from the file for sharpness; 0 for none. There are no thumbnails.
    figure : plotly Figure, optional
        Where to draw.

    Returns
    -------
    plotly.graph_objects.Figure

    Raises
    ------
    InputError, OptionError
        As for `mien.plot.plot_quality`.
    MissingExtraError
        plotly is not installed.
    """
    clip = rows_of(table, "input", input)
    figures = quality(clip).iloc[0]
    sharp = sharpness(clip, samples) if samples else None
    drawing = new_figure(figure)
    _add_figures(drawing, figures)
    _add_positions(drawing, clip)
    _add_time(drawing, clip, sharp)
    name = Path(str(figures["input"])).name
    drawing.update_layout(
        title=f"Recording quality: {name}",
        showlegend=False,
        height=960,
        margin={"t": 60, "b": 60, "l": 90},
    )
    return drawing


def _add_figures(figure: Any, figures: pd.Series) -> None:
    """A table of the numbers; those out of range are coloured and say what is wanted."""
    lines = sheet_lines(figures)
    inks = [WARN if warning else INK for *_, warning in lines]
    figure.add_trace(
        plotly_graphs().Table(
            header={"values": ["", "", ""], "height": 1, "fill": {"color": "white"}},
            cells={
                "values": list(zip(*lines, strict=True)),
                "align": "left",
                "font": {"color": [inks], "size": 11},
                "fill": {"color": "white"},
                "line": {"color": "white"},
                "height": 18,
            },
            columnwidth=[5, 2, 3],
            domain={"x": [0, 0.6], "y": [TIMES + 0.03, 1]},
        )
    )


def _add_positions(figure: Any, clip: FaceTable) -> None:
    """Heat map of the centres of the faces in the frame."""
    counts, columns, rows = positions(clip)
    figure.add_trace(
        plotly_graphs().Heatmap(
            z=counts,
            x=columns,
            y=rows,
            zmin=0,
            zmax=np.nanmax(counts, initial=1),
            colorscale="Cividis",
            colorbar={
                "title": {"text": "faces", "side": "right"},
                "len": 1 - TIMES - 0.1,
                "y": 1,
                "yanchor": "top",
            },
            hovertemplate="%{x:.0f}, %{y:.0f}: %{z} faces<extra></extra>",
        )
    )
    _set_position_axes(figure, columns[-1], rows[-1])


def _set_position_axes(figure: Any, width: float, height: float) -> None:
    """Place the axes of the frame at the top right; y goes down."""
    figure.update_layout(
        xaxis={
            "domain": [0.68, 1],
            "anchor": "y",
            "range": [0, width],
            "constrain": "domain",
            "title": "middle of the face, x (pixels)",
        },
        yaxis={
            "domain": [TIMES + 0.1, 1],
            "range": [height, 0],
            "scaleanchor": "x",
            "constrain": "domain",
            "title": "y (pixels)",
        },
    )


def _add_time(figure: Any, clip: FaceTable, sharp: pd.DataFrame | None) -> None:
    """Panels over one time axis, and a dashed line where a track goes on under another number."""
    faces = faces_of(clip)
    panels = _panels(clip, faces, sharp)
    height = TIMES / len(panels)
    for number, panel in enumerate(panels, start=2):
        _add_panel(figure, panel, number, TIMES - (number - 2) * height, height)
    figure.update_layout(xaxis2={"title": "time (s)", "anchor": f"y{len(panels) + 1}"})
    tracks = _track_numbers(faces)
    figure.update_layout(
        yaxis2={
            "tickvals": list(range(-1, len(tracks))),
            "ticktext": ["no face", *map(str, tracks)],
            "range": [-1.6, len(tracks) - 0.4],
        }
    )
    for time in switches(pd.DataFrame(clip))["time"]:
        _add_rule(figure, WARN, x0=time, x1=time, xref="x2", y0=0, y1=1, yref="y2 domain")


class _Panel(NamedTuple):
    """A panel over time: its label, its traces, and limits drawn as dashed lines."""

    label: str
    traces: list[Any]
    limits: list[float]


def _panels(clip: FaceTable, faces: FaceTable, sharp: pd.DataFrame | None) -> list[_Panel]:
    panels = [_Panel("track", _tracks(clip, faces), [])]
    if set(POSE) <= set(clip.columns):
        limit = float(np.rad2deg(TURNED))
        names = " ".join(
            f'<span style="color:{color(number)}">{name}</span>' for number, name in enumerate(POSE)
        )
        panels.append(_Panel(f"{names}<br>(degrees)", _pose(faces), [-limit, limit]))
    for name, label, wanted in (
        ("FaceRectWidth", "width<br>(pixels)", "width_low"),
        ("FaceScore", "FaceScore<br>(0-1)", "score"),
    ):
        panels.append(_Panel(label, _by_track(faces, name), [WANTED[wanted][1]]))
    if sharp is not None:
        label = "sharpness<br>(grey levels²)"
        panels.append(_Panel(label, _by_track(sharp, "sharpness"), []))
    return panels


def _add_panel(figure: Any, panel: _Panel, number: int, top: float, height: float) -> None:
    """Draw a panel on the y axis with this number, below `top`, a share of the figure's height."""
    axis = f"y{number}"
    for trace in panel.traces:
        figure.add_trace(trace.update(xaxis="x2", yaxis=axis))
    for limit in panel.limits:
        _add_rule(figure, QUIET, x0=0, x1=1, xref="x2 domain", y0=limit, y1=limit, yref=axis)
    layout = {
        "anchor": "x2",
        "domain": [top - height + 0.02, top],
        "title": {"text": panel.label, "font": {"size": 11}},
        "rangemode": "normal" if "degrees" in panel.label else "tozero",
    }
    figure.update_layout({f"yaxis{number}": layout})


def _add_rule(figure: Any, ink: str, **ends: Any) -> None:
    dashed = {"color": ink, "width": 1, "dash": "dash"}
    figure.add_shape(type="line", line=dashed, opacity=1, **ends)


def _track_numbers(faces: FaceTable) -> list[int]:
    return [int(track) for track in pd.unique(faces["track"].dropna())]


def _tracks(clip: FaceTable, faces: FaceTable) -> list[Any]:
    """A row of marks for each track; frames without a face along the bottom."""
    empty = without_face(clip)
    marks = [_marks(empty, np.full(len(empty), -1.0), WARN, "no face", "line-ns-open")]
    for number, track in enumerate(_track_numbers(faces)):
        time = faces.loc[faces["track"] == track, "time"].to_numpy(float)
        row = np.full(len(time), float(number))
        marks.append(_marks(time, row, color(track), f"track {track}", "line-ns-open"))
    return marks


def _pose(faces: FaceTable) -> list[Any]:
    return [
        _marks(faces["time"], np.rad2deg(faces[name].to_numpy(float)), color(number), name)
        for number, name in enumerate(POSE)
    ]


def _by_track(rows: pd.DataFrame, name: str) -> list[Any]:
    marks = []
    track: Any
    for track, part in rows.groupby("track", dropna=False):
        number = 0 if pd.isna(track) else int(track)
        marks.append(_marks(part["time"], part[name], color(number), f"track {track}"))
    return marks


def _marks(time: Any, values: Any, ink: str, name: str, symbol: str = "circle") -> Any:
    size = 8 if symbol != "circle" else 3
    return plotly_graphs().Scattergl(
        x=time,
        y=values,
        mode="markers",
        marker={"color": ink, "symbol": symbol, "size": size},
        name=name,
        hovertemplate="%{x:.2f} s: %{y:.2f}",
    )
