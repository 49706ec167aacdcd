"""Statistics as methods of `mien.FaceTable`; see `mien.stats`, whose functions have the same names
and options.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import pandas as pd
    from pandas import DataFrame as _Table

    from mien.stats import ISC, MixedModel, Prediction, Regression, Synchrony
    from mien.table import FaceTable
else:
    _Table = object

__all__ = ["Statistics"]


class Statistics(_Table):
    """t-tests, regression, mixed models, prediction, intersubject correlation, synchrony."""

    def ttest_1samp(self, popmean: float = 0.0, *args: Any, **options: Any) -> pd.DataFrame:
        """Whether the mean of each column differs from a number; see `mien.stats.ttest_1samp`."""
        from mien.stats import ttest_1samp

        return ttest_1samp(cast("FaceTable", self), popmean, *args, **options)

    def ttest_ind(self, columns: Any = None, sessions: Any = None, **options: Any) -> pd.DataFrame:
        """Whether two groups of rows differ; see `mien.stats.ttest_ind`."""
        from mien.stats import ttest_ind

        return ttest_ind(cast("FaceTable", self), columns, sessions, **options)

    def ttest_rel(self, columns: Any = None, sessions: Any = None, **options: Any) -> pd.DataFrame:
        """Whether two measurements of the same people differ; see `mien.stats.ttest_rel`."""
        from mien.stats import ttest_rel

        return ttest_rel(cast("FaceTable", self), columns, sessions, **options)

    def regress(self, X: Any, y: Any, fit_intercept: bool = True, **options: Any) -> Regression:
        """Least squares of several targets; see `mien.stats.regress`."""
        from mien.stats import regress

        return regress(cast("FaceTable", self), X, y, fit_intercept, **options)

    def mixed(self, X: Any, y: Any, groups: Any = None, **options: Any) -> MixedModel:
        """Linear mixed models; see `mien.stats.mixed`."""
        from mien.stats import mixed

        return mixed(cast("FaceTable", self), X, y, groups, **options)

    def predict(self, X: Any, y: Any, model: Any = None, **options: Any) -> Prediction:
        """Cross-validated prediction by an estimator of scikit-learn; see `mien.stats.predict`."""
        from mien.stats import predict

        return predict(cast("FaceTable", self), X, y, model, **options)

    def isc(self, columns: Any = None, index: Any = "frame", *args: Any, **options: Any) -> ISC:
        """Intersubject correlation; see `mien.stats.isc`."""
        from mien.stats import isc

        return isc(cast("FaceTable", self), columns, index, *args, **options)

    def synchrony(self, other: FaceTable, columns: Any = None, **options: Any) -> Synchrony:
        """Windowed cross-correlation with another face; see `mien.stats.synchrony`."""
        from mien.stats import synchrony

        return synchrony(cast("FaceTable", self), other, columns, **options)
