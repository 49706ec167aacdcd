"""A frame with its faces: boxes, landmarks, poses, gazes, muscles and bars of values."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.plot._landmarks import LINES, path
from mien.plot._overlay import (
    GAZE_COLOR,
    box_label,
    box_of,
    drawable,
    gaze_lines,
    landmarks_of,
    pose_lines,
)
from mien.plot._plotly_backend.figure import (
    CLEAR,
    add_muscle_scale,
    add_muscles,
    line,
    new_figure,
    plotly_graphs,
)
from mien.plot._style import ink_on, unit_label
from mien.plot.detections import (
    ImageSource,
    Layers,
    bars_of,
    face_color,
    faces_of,
    frame_title,
    image_of,
    require_muscles,
    rows_of,
)
from mien.table import FaceSeries, FaceTable

__all__ = ["plot_detections"]


GAP, BAR_WIDTH = 0.08, 0.14  # shares of the figure's width


def plot_detections(
    table: FaceTable,
    frame: int | None = None,
    image: ImageSource = None,
    *,
    input: str | None = None,
    faceboxes: bool = True,
    landmarks: bool = True,
    poses: bool = True,
    gazes: bool = True,
    aus: bool = True,
    emotions: bool = True,
    muscles: bool = False,
    figure: Any = None,
) -> Any:
    """Draw one frame; boxes show score, pose, gaze and affect at the mouse pointer.

    Parameters
    ----------
    table, image, input, faceboxes, landmarks, poses, gazes, aus, emotions, muscles
        As for `mien.plot.plot_detections`.
    frame : int, optional
        Which one; may be left out if the table holds one frame.
    figure : plotly Figure, optional
        Where to draw.

    Returns
    -------
    plotly.graph_objects.Figure

    Raises
    ------
    InputError, OptionError
        As for `mien.plot.plot_detections`.
    MissingExtraError
        plotly is not installed.
    """
    rows = rows_of(rows_of(table, "input", input), "frame", frame)
    drawing = new_figure(figure)
    faces = faces_of(rows)
    bars = bars_of(faces, aus=aus, emotions=emotions)
    share = 1 - len(bars) * (GAP + BAR_WIDTH)
    _add_image(drawing, image_of(rows, image), share)
    layers = Layers(faceboxes, landmarks, poses, gazes, muscles)
    for _, face in faces.iterrows():
        _add_face(drawing, face, layers)
    if muscles and len(faces):
        add_muscle_scale(drawing)
    for at, (values, title) in enumerate(bars, start=2):
        left = share + GAP + (at - 2) * (GAP + BAR_WIDTH)
        _add_bars(drawing, faces, values, at)
        _set_bar_axes(drawing, values, title, at, (left, min(left + BAR_WIDTH, 1.0)))
    drawing.update_layout(title=frame_title(rows.iloc[0], len(faces)), barmode="group")
    return drawing


def _add_face(figure: Any, face: Any, layers: Layers) -> None:
    """Everything of one face that lies on the image."""
    present = drawable(face)
    if layers.muscles:
        require_muscles(present)
        add_muscles(figure, landmarks_of(face), face.aus.to_dict(), opacity=0.7)
    if layers.faceboxes and "faceboxes" in present:
        _add_box(figure, face)
    if layers.landmarks and "landmarks" in present:
        _add_landmarks(figure, face)
    if layers.poses and {"poses", "faceboxes"} <= present.keys():
        for ends, ink in pose_lines(face):
            figure.add_trace(line(ends, ink, width=4))
    if layers.gazes and {"gazes", "faceboxes"} <= present.keys():
        _add_gaze(figure, face)


def _add_image(figure: Any, image: NDArray[np.uint8], share: float) -> None:
    """The image below everything else; whole numbers are the centres of pixels."""
    from PIL import Image

    height, width = image.shape[:2]
    figure.add_layout_image(
        source=Image.fromarray(image),
        xref="x",
        yref="y",
        x=-0.5,
        y=-0.5,
        sizex=width,
        sizey=height,
        sizing="stretch",
        layer="below",
    )
    hidden = {"visible": False, "constrain": "domain"}
    figure.update_layout(
        xaxis={**hidden, "range": [-0.5, width - 0.5], "domain": [0, share]},
        yaxis={**hidden, "range": [height - 0.5, -0.5], "scaleanchor": "x"},
    )


def _add_box(figure: Any, face: FaceSeries) -> None:
    """Box with its label, and at the mouse pointer the values that are not drawn as bars."""
    left, top, width, height = box_of(face)
    ink = face_color(face)
    x, y = np.array([0, 1, 1, 0, 0]) * width + left, np.array([0, 0, 1, 1, 0]) * height + top
    figure.add_trace(
        plotly_graphs().Scatter(
            x=x,
            y=y,
            mode="lines",
            line={"color": ink, "width": 2},
            fill="toself",
            fillcolor=CLEAR,
            hoveron="fills",
            text="<br>".join(_descriptions(face)),
            hoverinfo="text",
            showlegend=False,
        )
    )
    figure.add_annotation(
        x=left,
        y=top,
        text=box_label(face),
        showarrow=False,
        xanchor="left",
        yanchor="bottom",
        bgcolor=ink,
        font={"color": ink_on(ink), "size": 11},
    )


def _descriptions(face: FaceSeries) -> list[str]:
    """Score, pose, gaze and affect, a line each."""
    lines = [f"score {face['FaceScore']:.2f}"]
    for group in ("poses", "gazes", "affect"):
        for name in drawable(face).get(group, []):
            value = float(face[name])
            angle = unit_label(name) == "rad"
            lines.append(f"{name} {np.rad2deg(value):.0f}°" if angle else f"{name} {value:.2f}")
    return lines


def _add_landmarks(figure: Any, face: FaceSeries) -> None:
    points, ink = landmarks_of(face), face_color(face)
    for part in LINES:
        figure.add_trace(line(points[path(*part)], ink, width=1, opacity=0.8))
    figure.add_trace(
        plotly_graphs().Scatter(
            x=points[:, 0],
            y=points[:, 1],
            mode="markers",
            marker={"size": 3, "color": "white"},
            text=[str(number) for number in range(len(points))],
            hovertemplate="landmark %{text}: %{x:.1f}, %{y:.1f}<extra></extra>",
            showlegend=False,
        )
    )


def _add_gaze(figure: Any, face: FaceSeries) -> None:
    for (from_x, from_y), (to_x, to_y) in gaze_lines(face):
        figure.add_annotation(
            x=to_x,
            y=to_y,
            ax=from_x,
            ay=from_y,
            xref="x",
            yref="y",
            axref="x",
            ayref="y",
            text="",
            showarrow=True,
            arrowhead=2,
            arrowwidth=2,
            arrowcolor=GAZE_COLOR,
        )


def _add_bars(figure: Any, faces: FaceTable, values: FaceTable, at: int) -> None:
    """Bars of all faces on the axes with number `at`."""
    for index, (_, face) in enumerate(faces.iterrows()):
        figure.add_trace(
            plotly_graphs().Bar(
                x=values.iloc[index].to_numpy(float),
                y=[str(name) for name in values.columns],
                orientation="h",
                marker={"color": face_color(face)},
                hovertemplate="%{y}: %{x:.2f}<extra></extra>",
                showlegend=False,
                xaxis=f"x{at}",
                yaxis=f"y{at}",
            )
        )


def _set_bar_axes(
    figure: Any, values: FaceTable, title: str, at: int, domain: tuple[float, float]
) -> None:
    """Place the axes with number `at` beside the image; the first column is on top."""
    unit = unit_label(values.columns[0])
    figure.update_layout(
        {
            f"xaxis{at}": {
                "domain": domain,
                "range": [0, 1],
                "title": {"text": f"{title} ({unit})", "font": {"size": 12}},
                "anchor": f"y{at}",
            },
            f"yaxis{at}": {"autorange": "reversed", "anchor": f"x{at}", "ticks": ""},
        }
    )
