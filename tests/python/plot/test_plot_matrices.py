"""Co-occurrence and intersubject correlation: numbers against scikit-learn and pandas, fields of
the figure.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from sklearn.metrics import jaccard_score

from mien import FaceTable, InputError, OptionError
from mien.plot import cooccurrence, plot_cooccurrence, plot_isc
from mien.stats.intersubject import isc

UNITS = ["AU01", "AU06", "AU12"]


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    values = rng.random((60, 3))
    values[:, 2] = (values[:, 1] + values[:, 2]) / 2
    return FaceTable(values, columns=UNITS).assign(AU12_L=0.0)


class TestCooccurrence:
    def test_jaccard(self, table):
        found = cooccurrence(table)
        active = table[UNITS].to_numpy() > 0.5
        assert list(found.columns) == UNITS  # whole units only
        for i, a in enumerate(UNITS):
            for j, b in enumerate(UNITS):
                assert found.loc[a, b] == pytest.approx(jaccard_score(active[:, i], active[:, j]))

    def test_conditional(self, table):
        found = cooccurrence(table, measure="conditional", threshold=0.3)
        active = table[UNITS].to_numpy() > 0.3
        assert found.loc["AU06", "AU12"] == pytest.approx(active[active[:, 1], 2].mean())

    def test_correlation(self, table):
        found = cooccurrence(table, measure="correlation")
        np.testing.assert_allclose(found, np.corrcoef(table[UNITS].to_numpy().T))

    def test_missing_rows_change_nothing(self, table):
        gappy = FaceTable(pd.concat([table, table.head(5) * np.nan]))
        for measure in ("jaccard", "conditional", "correlation"):
            np.testing.assert_allclose(
                cooccurrence(gappy, measure=measure), cooccurrence(table, measure=measure)
            )

    def test_never_active_is_nan(self):
        found = cooccurrence(FaceTable({"AU06": [0.9, 0.9], "AU12": [0.1, 0.1]}))
        assert np.isnan(found.loc["AU12", "AU12"])
        assert found.loc["AU06", "AU12"] == 0

    @given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=20))
    def test_jaccard_is_symmetric_and_at_most_the_conditional(self, values):
        table = FaceTable(values, columns=["AU06", "AU12"])
        both = cooccurrence(table).to_numpy()
        given_row = cooccurrence(table, measure="conditional").to_numpy()
        np.testing.assert_array_equal(both, both.T)
        known = np.isfinite(both) & np.isfinite(given_row)
        assert (both[known] <= given_row[known] + 1e-12).all()

    def test_errors(self, table):
        with pytest.raises(OptionError, match="measure"):
            cooccurrence(table, measure="kappa")
        with pytest.raises(InputError, match="no action units"):
            cooccurrence(FaceTable({"Yaw": [0.1]}))

    def test_figure(self, table):
        ax = table.plot_cooccurrence(threshold=0.4)
        found = cooccurrence(table, threshold=0.4)
        np.testing.assert_allclose(ax.images[0].get_array(), found)
        assert [t.get_text() for t in ax.get_yticklabels()] == UNITS
        assert len(ax.texts) == 9
        assert ax.texts[1].get_text() == f"{found.iloc[0, 1]:.2f}".replace("0.", ".")
        assert ax.get_title(loc="left") == "active: above 0.4"
        assert ax.images[0].get_clim() == (0, 1)
        bar = next(other for other in ax.figure.axes if other is not ax)
        assert bar.get_ylabel().startswith("Jaccard index")

    def test_correlations_run_from_minus_one(self, table):
        ax = plot_cooccurrence(table, measure="correlation")
        assert ax.images[0].get_clim() == (-1, 1)


class TestISC:
    @pytest.fixture
    def found(self):
        rng = np.random.default_rng(1)
        shared = rng.normal(size=30)
        parts = [
            FaceTable({"input": name, "frame": np.arange(30), "AU12": shared + rng.normal(size=30)})
            for name in "abcd"
        ]
        return isc(FaceTable(pd.concat(parts)), "AU12"), parts

    def test_fields_are_pearsons_correlations(self, found):
        result, parts = found
        ax = plot_isc(result)
        wanted = np.corrcoef([part["AU12"] for part in parts])
        np.testing.assert_allclose(ax.images[0].get_array(), wanted)
        assert [t.get_text() for t in ax.get_xticklabels()] == list("abcd")
        assert "ISC" in ax.get_title(loc="left")
        assert "AU12 lip corner puller" in ax.get_title(loc="left")

    def test_of_the_result_itself(self, found):
        result, _ = found
        ax = Figure().add_subplot()
        assert result.plot(ax=ax) is ax
        wanted = plot_isc(result, "AU12")
        for drawn in (ax, result.plot("AU12")):
            np.testing.assert_array_equal(drawn.images[0].get_array(), wanted.images[0].get_array())
            assert drawn.get_title(loc="left") == wanted.get_title(loc="left")
        with pytest.raises(InputError, match="AU99"):
            result.plot("AU99")
        with pytest.raises(OptionError, match="ax: wanted matplotlib axes, got str"):
            result.plot(ax="here")

    def test_leave_one_out_has_no_pairs(self, found):
        table = FaceTable(pd.concat(found[1]))
        with pytest.raises(OptionError, match="pairwise"):
            table.isc("AU12", method="leave_one_out").plot()

    def test_any_square(self):
        square = pd.DataFrame(np.eye(3), index=list("abc"), columns=list("abc"))
        assert len(plot_isc(square).texts) == 9
        with pytest.raises(InputError, match="square"):
            plot_isc(square.head(2))

    def test_no_such_row(self, found):
        with pytest.raises(InputError, match="AU99"):
            plot_isc(found[0], "AU99")
