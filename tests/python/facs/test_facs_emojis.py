"""Emoji by agreement of action units."""

from __future__ import annotations

import unicodedata
import warnings

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import accuracy_score, cohen_kappa_score
from test_facs_eyes import faces

import mien
from mien.errors import InputError, OptionError
from mien.facs import EMOJI, REGIONS, agreement, draw_emoji, emoji, emoji_agreement

UNITS = sorted({unit for entry in EMOJI for unit in entry.units})


def coded(*faces_units: tuple[int, ...]) -> pd.DataFrame:
    """A table that shows the units wholly, and no others; without landmarks."""
    return pd.DataFrame([{f"AU{u:02d}": float(u in shown) for u in UNITS} for shown in faces_units])


def test_fourteen_with_their_unicode_names() -> None:
    assert len(EMOJI) == len({entry.units for entry in EMOJI}) == 14
    for entry in EMOJI:
        assert unicodedata.name(entry.character).lower() == entry.name
        assert sum(set(entry.units) <= set(units) for units in [sum(REGIONS.values(), ())]) == 1


codings = arrays(bool, st.tuples(st.integers(1, 6), st.integers(1, 9)))


@settings(deadline=None, max_examples=20)
@given(codings, st.randoms(use_true_random=False))
def test_kappa_and_accuracy_are_scikit_learns(a: np.ndarray, random) -> None:
    b = np.array([[random.random() < 0.5 for _ in range(a.shape[1])] for _ in range(4)])
    kappa, accuracy = agreement(a, b), agreement(a, b, "accuracy")
    for i, j in np.ndindex(kappa.shape):
        assert accuracy[i, j] == pytest.approx(accuracy_score(a[i], b[j]))
        if len({*a[i], *b[j]}) > 1:
            assert kappa[i, j] == pytest.approx(cohen_kappa_score(a[i], b[j]), abs=1e-12)
        else:  # undefined as 0 / 0 there; the two agree wholly
            assert kappa[i, j] == 1


@settings(deadline=None)
@given(codings, codings)
def test_kappa_is_symmetric_and_bounded(a: np.ndarray, b: np.ndarray) -> None:
    count = min(a.shape[1], b.shape[1])
    kappa = agreement(a[:, :count], b[:, :count])
    np.testing.assert_array_equal(kappa, agreement(b[:, :count], a[:, :count]).T)
    np.testing.assert_allclose(kappa, agreement(~a[:, :count], ~b[:, :count]), atol=1e-12)
    assert (np.abs(kappa) <= 1).all()
    np.testing.assert_array_equal(np.diag(agreement(a, a)), 1)


@pytest.mark.parametrize("method", ["kappa", "accuracy", "regions"])
def test_each_emoji_is_its_own(method: str) -> None:
    found = emoji(coded(*(entry.units for entry in EMOJI)), method)
    assert found["emoji"].tolist() == [entry.character for entry in EMOJI]
    assert found["name"].tolist() == [entry.name for entry in EMOJI]
    np.testing.assert_array_equal(found["agreement"], 1)


def test_regions_by_hand() -> None:
    """12 and 25 against an astonished face: no brow of 2 agrees, ..."""
    score = emoji_agreement(coded((12, 25)), "regions")["😲"].iloc[0]
    brows, eyes, mouth = 1 / 3, 4 / 5, 7 / 9  # 4; 6 7 43 46; all but 12 and 26
    assert score == pytest.approx((brows + eyes + mouth) / 3)


def test_threshold() -> None:
    smile = coded((6, 12)) * 0.4
    assert emoji(smile)["name"].tolist() == ["neutral face"]
    assert emoji(smile, threshold=0.3)["name"].tolist() == ["smiling face with smiling eyes"]


def test_closed_eyes_by_aspect_ratio() -> None:
    """Landmarks go before the columns: both eyes closed, one, none."""
    table = faces([0.1, 0.1, 0.3], [0.1, 0.3, 0.3])
    units = coded((), (12,), (43,)).drop(columns="AU46")
    found = emoji(table.join(units))
    assert found["name"].tolist() == ["expressionless face", "winking face", "neutral face"]


def test_emoji_the_table_can_not_tell_are_left_out() -> None:
    score = emoji_agreement(coded((12,)).drop(columns=["AU14", "AU43"]))
    assert "😏" not in score
    assert "😑" not in score
    assert score.shape == (1, 12)


def test_missing_face_stays_missing() -> None:
    table = coded((12,), (12,))
    table.loc[1, "AU04"] = np.nan
    found = emoji(table)
    assert found.isna().any(axis=1).tolist() == [False, True]
    lost = emoji(faces([0.3, np.nan]).join(coded((), ())))
    assert lost["emoji"].isna().tolist() == [False, True]


def test_bad_input() -> None:
    with pytest.raises(InputError, match="action units"):
        emoji(pd.DataFrame({"time": [0.0]}))
    with pytest.raises(OptionError, match="f1"):
        emoji(coded(()), "f1")
    with pytest.raises(OptionError, match="regions"):
        agreement(np.ones((1, 2)), np.ones((1, 2)), "regions")
    with pytest.raises(InputError, match="U > 0"):
        agreement(np.ones((1, 2)), np.ones((1, 3)))


def test_drawn_beside_the_box() -> None:
    box = pd.DataFrame(
        {"FaceRectX": 10.0, "FaceRectY": 20.0, "FaceRectWidth": 100.0, "FaceRectHeight": 120.0},
        index=range(14),
    )
    table = mien.FaceTable(coded(*(entry.units for entry in EMOJI)).join(box))
    table = table.join(table.emoji())
    figure, ax = plt.subplots()
    ax.set(xlim=(0, 200), ylim=(200, 0))
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a glyph that the font lacks
        texts = [draw_emoji(ax, row) for _, row in table.iterrows()]
        figure.canvas.draw()
    assert [text.get_text() for text in texts] == [entry.character for entry in EMOJI]
    assert texts[0].get_position() == (110, 20)
    table["emoji"] = pd.Series([None] * 14, dtype="object")
    assert draw_emoji(ax, table.iloc[0]) is None
    with pytest.raises(InputError, match="emoji"):
        draw_emoji(ax, box.iloc[0])
    plt.close(figure)
