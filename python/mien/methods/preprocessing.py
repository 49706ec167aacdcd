"""Preprocessing as methods of `mien.FaceTable`; see `mien.preprocess`, whose functions have the
same names and options.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from pandas import DataFrame as _Table

    from mien.preprocess import Decomposition
    from mien.table import FaceSeries, FaceTable
else:
    _Table = object

__all__ = ["Preprocessing"]


class Preprocessing(_Table):
    """Sessions, baselines, cleaning, rates, smoothing and features. All give new tables."""

    def _face_table(self) -> FaceTable:
        return cast("FaceTable", self)

    @property
    def sessions(self) -> FaceSeries | None:
        """Label of the session of each row, or None where none are set; see `set_sessions`."""
        from mien.preprocess import session_labels

        return session_labels(self._face_table())

    @property
    def session_columns(self) -> list[Any]:
        """Names of the columns that hold the sessions' labels."""
        from mien.preprocess import session_columns

        return session_columns(self._face_table())

    def set_sessions(self, sessions: Any, name: str = "session") -> FaceTable:
        """Group rows by a column, several, a mapping or labels; see `mien.preprocess.set_sessions`."""
        from mien.preprocess import set_sessions

        return set_sessions(self._face_table(), sessions, name)

    def update_sessions(self, sessions: Any) -> FaceTable:
        """`set_sessions` by the name that py-feat gives it."""
        return self.set_sessions(sessions)

    def itersessions(self) -> Iterator[tuple[Any, FaceTable]]:
        """Pairs of a session's label and its rows; see `mien.preprocess.itersessions`."""
        from mien.preprocess import itersessions

        return itersessions(self._face_table())

    def append(self, other: FaceTable, session_id: Hashable | None = None) -> FaceTable:
        """These rows, then those of another table; see `mien.preprocess.append`."""
        from mien.preprocess import append

        return append(self._face_table(), other, session_id)

    def baseline(self, baseline: Any = "median", *args: Any, **options: Any) -> FaceTable:
        """Values measured against a baseline; see `mien.preprocess.baseline`."""
        from mien.preprocess import baseline as against

        return against(self._face_table(), baseline, *args, **options)

    def clean(self, *args: Any, **options: Any) -> FaceTable:
        """Detrend, filter, remove confounds, standardize; see `mien.preprocess.clean`."""
        from mien.preprocess import clean

        return clean(self._face_table(), *args, **options)

    def fill_gaps(self, limit: float | None = None, *args: Any, **options: Any) -> FaceTable:
        """Fill gaps of at most `limit` seconds; see `mien.preprocess.fill_gaps`."""
        from mien.preprocess import fill_gaps

        return fill_gaps(self._face_table(), limit, *args, **options)

    def rectification(self, std: float = 3.0, ignore_sessions: bool = False) -> FaceTable:
        """Empty rows whose face box is an outlier; see `mien.preprocess.rectification`."""
        from mien.preprocess import rectification

        return rectification(self._face_table(), std, ignore_sessions)

    # Final in pandas' stubs alone.
    def resample(self, rule: Any, *args: Any, **options: Any) -> Any:  # type: ignore[misc]
        """Rows at a rate in Hz, see `mien.preprocess.resample`; of an offset such as ``"1s"``, as
        pandas does.
        """
        from numbers import Real

        import pandas as pd

        if not isinstance(rule, Real):
            return pd.DataFrame.resample(self, rule, *args, **options)
        from mien.preprocess import resample

        return resample(self._face_table(), float(rule), *args, **options)

    def downsample(self, target: float, *args: Any, **options: Any) -> FaceTable:
        """Means or medians of blocks of rows; see `mien.preprocess.downsample`."""
        from mien.preprocess import downsample

        return downsample(self._face_table(), target, *args, **options)

    def upsample(self, target: float, *args: Any, **options: Any) -> FaceTable:
        """More rows, interpolated in true time; see `mien.preprocess.upsample`."""
        from mien.preprocess import upsample

        return upsample(self._face_table(), target, *args, **options)

    def smooth(self, window: float = 0.5, *args: Any, **options: Any) -> FaceTable:
        """Savitzky-Golay over `window` seconds; see `mien.preprocess.smooth`."""
        from mien.preprocess import smooth

        return smooth(self._face_table(), window, *args, **options)

    def one_euro(self, min_cutoff: float = 1.0, *args: Any, **options: Any) -> FaceTable:
        """The one-euro filter as it would have run live; see `mien.preprocess.one_euro`."""
        from mien.preprocess import one_euro

        return one_euro(self._face_table(), min_cutoff, *args, **options)

    def decompose(self, algorithm: Any = "pca", *args: Any, **options: Any) -> Decomposition:
        """PCA, ICA, NMF or factor analysis of the values; see `mien.preprocess.decompose`."""
        from mien.preprocess import decompose

        return decompose(self._face_table(), algorithm, *args, **options)

    def distance(self, method: str = "euclidean", **options: Any) -> Any:
        """Distances between all pairs of rows; see `mien.preprocess.distance`."""
        from mien.preprocess import distance

        return distance(self._face_table(), method, **options)

    def extract_mean(self, ignore_sessions: bool = False, **options: Any) -> FaceTable:
        """Mean of each session; see `mien.preprocess.extract_mean`."""
        from mien.preprocess import extract_mean

        return extract_mean(self._face_table(), ignore_sessions, **options)

    def extract_min(self, ignore_sessions: bool = False, **options: Any) -> FaceTable:
        """Least value of each session; see `mien.preprocess.extract_min`."""
        from mien.preprocess import extract_min

        return extract_min(self._face_table(), ignore_sessions, **options)

    def extract_max(self, ignore_sessions: bool = False, **options: Any) -> FaceTable:
        """Greatest value of each session; see `mien.preprocess.extract_max`."""
        from mien.preprocess import extract_max

        return extract_max(self._face_table(), ignore_sessions, **options)

    def extract_std(self, ignore_sessions: bool = False, **options: Any) -> FaceTable:
        """Standard deviation of each session; see `mien.preprocess.extract_std`."""
        from mien.preprocess import extract_std

        return extract_std(self._face_table(), ignore_sessions, **options)

    def extract_sem(self, ignore_sessions: bool = False, **options: Any) -> FaceTable:
        """Standard error of each session's mean; see `mien.preprocess.extract_sem`."""
        from mien.preprocess import extract_sem

        return extract_sem(self._face_table(), ignore_sessions, **options)

    def extract_summary(self, *args: Any, **options: Any) -> FaceTable:
        """Mean, standard error, deviation, maximum and minimum of each session; see
        `mien.preprocess.extract_summary`.
        """
        from mien.preprocess import extract_summary

        return extract_summary(self._face_table(), *args, **options)

    def extract_peak(self, ignore_sessions: bool = False, **options: Any) -> FaceTable:
        """Value farthest from 0 of each session, and when; see `mien.preprocess.extract_peak`."""
        from mien.preprocess import extract_peak

        return extract_peak(self._face_table(), ignore_sessions, **options)

    def extract_wavelet(self, freq: float, *args: Any, **options: Any) -> FaceTable:
        """Each signal's part at one frequency; see `mien.preprocess.extract_wavelet`."""
        from mien.preprocess import extract_wavelet

        return extract_wavelet(self._face_table(), freq, *args, **options)

    def extract_multi_wavelet(self, *args: Any, **options: Any) -> FaceTable:
        """Each signal's parts at a bank of frequencies; see
        `mien.preprocess.extract_multi_wavelet`.
        """
        from mien.preprocess import extract_multi_wavelet

        return extract_multi_wavelet(self._face_table(), *args, **options)

    def extract_boft(self, *args: Any, **options: Any) -> FaceTable:
        """Bag of temporal filters; see `mien.preprocess.extract_boft`."""
        from mien.preprocess import extract_boft

        return extract_boft(self._face_table(), *args, **options)

    def extract_dwt(self, wavelet: str = "db4", *args: Any, **options: Any) -> FaceTable:
        """Energy by time scale from discrete wavelets; see `mien.preprocess.extract_dwt`."""
        from mien.preprocess import extract_dwt

        return extract_dwt(self._face_table(), wavelet, *args, **options)
