"""Plots of tables, as matplotlib figures. Nothing here touches pyplot or its backend.

`mien.plot.interactive` has the same plots by Plotly.
"""

from __future__ import annotations

from mien.plot.animation import animate_face
from mien.plot.circumplex import plot_circumplex
from mien.plot.cooccurrence import cooccurrence, plot_cooccurrence
from mien.plot.detections import plot_detections
from mien.plot.face_model import FaceModel, face_model
from mien.plot.faces import plot_face
from mien.plot.intersubject import plot_isc
from mien.plot.muscles import MUSCLES, Muscle
from mien.plot.quality import quality, sharpness
from mien.plot.quality_sheet import plot_quality
from mien.plot.time_course import plot_time_course, time_course
from mien.plot.traces import plot_traces

__all__ = [
    "MUSCLES",
    "FaceModel",
    "Muscle",
    "animate_face",
    "cooccurrence",
    "face_model",
    "plot_circumplex",
    "plot_cooccurrence",
    "plot_detections",
    "plot_face",
    "plot_isc",
    "plot_quality",
    "plot_time_course",
    "plot_traces",
    "quality",
    "sharpness",
    "time_course",
]
