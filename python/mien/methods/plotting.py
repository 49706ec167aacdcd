"""Images as methods of `mien.FaceTable`; see `mien.plot`, whose functions have the same names and
options.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from pandas import DataFrame as _Table

    from mien.table import FaceTable
else:
    _Table = object

__all__ = ["Plotting"]


class Plotting(_Table):
    """Images of a table. Each returns its figure or axes, and belongs to no backend: save it with
    ``savefig``.
    """

    def _imaged(self) -> FaceTable:
        return cast("FaceTable", self)

    def plot_detections(self, frame: int | Sequence[int] | None = None, **options: Any) -> Any:
        """Image of frames with what was found in them; see `mien.plot.plot_detections`."""
        from mien.plot import plot_detections

        return plot_detections(self._imaged(), frame, **options)

    def plot_face(self, row: Hashable | None = None, **options: Any) -> Axes:
        """The face of a row's action units, or of the mean of all rows; see `mien.plot.plot_face`.

        Parameters
        ----------
        row : optional
            Its label in the index.
        **options
            Of `mien.plot.plot_face`.
        """
        from mien.plot.table_faces import plot_table_face

        return plot_table_face(self._imaged(), row, **options)

    def plot_traces(self, panels: Sequence[Sequence[str]], **options: Any) -> Figure:
        """Columns of one face against time; see `mien.plot.plot_traces`."""
        from mien.plot import plot_traces

        return plot_traces(self._imaged(), panels, **options)

    def plot_time_course(self, columns: str | Sequence[Hashable], **options: Any) -> Any:
        """Means over time by session or group, with confidence bands; see
        `mien.plot.plot_time_course`.
        """
        from mien.plot import plot_time_course

        return plot_time_course(self._imaged(), columns, **options)

    def plot_cooccurrence(
        self, columns: str | Sequence[Hashable] | None = None, **options: Any
    ) -> Axes:
        """Which action units come together; see `mien.plot.plot_cooccurrence`."""
        from mien.plot import plot_cooccurrence

        return plot_cooccurrence(self._imaged(), columns, **options)

    def plot_circumplex(self, **options: Any) -> Axes:
        """Where on the circumplex of valence and arousal each face went; see
        `mien.plot.plot_circumplex`.
        """
        from mien.plot import plot_circumplex

        return plot_circumplex(self._imaged(), **options)

    def plot_quality(self, input: str | None = None, **options: Any) -> Figure:
        """Quality-control sheet of one clip; see `mien.plot.plot_quality`."""
        from mien.plot import plot_quality

        return plot_quality(self._imaged(), input, **options)
