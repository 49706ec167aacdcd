"""Pictures of tables, as matplotlib figures. Nothing here touches pyplot or its backend."""

from __future__ import annotations

from mien.plot.detections import plot_detections
from mien.plot.traces import plot_traces

__all__ = ["plot_detections", "plot_traces"]


def __dir__() -> list[str]:
    return __all__
