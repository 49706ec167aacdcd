"""Interactive plots by Plotly: values at the mouse pointer, zoom, lines that can be switched off.

They draw the same numbers as their namesakes in `mien.plot` and need plotly, which comes with ``pip
install 'mien[plot]'``. Each returns a ``plotly.graph_objects.Figure`` and takes one as ``figure=``
to draw in.
"""

from __future__ import annotations

from mien.plot._plotly_backend.circumplex import plot_circumplex
from mien.plot._plotly_backend.detections import plot_detections
from mien.plot._plotly_backend.face import plot_face
from mien.plot._plotly_backend.matrices import plot_cooccurrence, plot_isc
from mien.plot._plotly_backend.quality import plot_quality
from mien.plot._plotly_backend.time_course import plot_time_course

__all__ = [
    "plot_circumplex",
    "plot_cooccurrence",
    "plot_detections",
    "plot_face",
    "plot_isc",
    "plot_quality",
    "plot_time_course",
]
