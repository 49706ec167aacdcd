"""Compound expressions and the rules that tie units to expressions."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import mien
from mien import schema
from mien.errors import InputError, OptionError
from mien.facs import (
    BASIC,
    COMPONENTS,
    COMPOUND,
    EMFACS,
    OPPOSED,
    compound_expressions,
    consistency,
    supporting_units,
)

ROOT = Path(__file__).parents[3]
ALL_UNITS = sorted({u for weights in COMPOUND.values() for u in weights})
BASIC_SIX = ("anger", "disgust", "fear", "happiness", "sadness", "surprise")


def rows(
    units: dict[int, float] | None = None, valence: float = -0.5, **expressions: float
) -> mien.FaceTable:
    given = units or {}
    data = {f"AU{u:02d}": [given.get(u, 0.0)] for u in ALL_UNITS}
    data |= {e: [expressions.get(e, 0.0)] for e in schema.EMOTIONS}
    return mien.FaceTable({**data, "valence": [valence]})


def test_tables_are_whole() -> None:
    assert set(BASIC) == set(EMFACS) == set(OPPOSED) == set(schema.EMOTIONS)
    assert len(COMPOUND) == 15
    assert list(COMPOUND) == list(COMPONENTS)
    for name, weights in {**BASIC, **COMPOUND}.items():
        if name != "neutral":
            assert sum(w == 1 for w in weights.values()) >= 2, name  # prototypical
        assert all(0.2 <= w <= 0.7 or w == 1 for w in weights.values()), name
    for first, second in COMPONENTS.values():
        assert first != second
        assert {first, second} <= set(BASIC_SIX)
    for expression in EMFACS:
        assert not set(EMFACS[expression]) & set(OPPOSED[expression])


def test_training_uses_the_same_relations() -> None:
    """The recipes' own copy, where they hold one, is this one."""
    source = (ROOT / "models/training/losses/relations.py").read_text()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "RELATIONS":
            assert node.value is not None
            if isinstance(node.value, ast.Dict):
                assert ast.literal_eval(node.value) == BASIC


def test_score_by_hand() -> None:
    """Awed: units 1 2 5 25 weigh 1, 4 0.21, 20 0.62, 26 0.56."""
    score = compound_expressions(rows({1: 1.0, 2: 0.5, 4: 1.0}, surprise=0.6, fear=0.3))
    expected = (1.0 + 0.5 + 0.21) / (4 + 0.21 + 0.62 + 0.56) + 0.6 + 0.3
    assert score.loc[0, "awed"] == pytest.approx(expected)


@pytest.mark.parametrize("name", COMPOUND)
def test_own_prototype_wins(name: str) -> None:
    """A face with a category's units and both its expressions is that category, or one made of the
    same two.
    """
    first, second = COMPONENTS[name]
    valence = 0.5 if name.startswith("happily") else -0.5
    table = rows(COMPOUND[name], valence, **{first: 0.5, second: 0.5})
    winner = compound_expressions(table).loc[0, "compound"]
    assert set(COMPONENTS[winner]) == {first, second}


def test_valence_tells_pleasant_categories() -> None:
    scores = [compound_expressions(rows(valence=v)).iloc[0] for v in (-0.5, 0.0, 0.5)]
    for name in COMPOUND:
        rise = [score[name] - scores[0][name] for score in scores]
        assert rise == ([0, 0.5, 1] if name.startswith("happily") else [0, 0, 0])
    without = compound_expressions(rows().drop(columns="valence"), valence=False)
    assert (without.iloc[0, :15].astype(float) == 0).all()


def test_absent_units_leave_both_sums() -> None:
    table = rows({12: 1.0, 25: 1.0, 1: 1.0, 2: 1.0, 5: 1.0}).drop(columns="AU26")
    assert compound_expressions(table).loc[0, "happily surprised"] == pytest.approx(1.0)


def test_missing_face_stays_missing() -> None:
    table = pd.concat([rows(), rows()], ignore_index=True)
    table.loc[1, "AU12"] = np.nan
    score = compound_expressions(table)
    assert score["compound"].isna().tolist() == [False, True]
    assert np.isnan(score.loc[1, "happily surprised"])


def test_compound_needs_its_columns() -> None:
    with pytest.raises(InputError, match="valence"):
        compound_expressions(rows().drop(columns="valence"))
    with pytest.raises(InputError, match="fear"):
        compound_expressions(rows().drop(columns="fear"))
    with pytest.raises(InputError, match="action units"):
        compound_expressions(rows()[["fear"]])
    with pytest.raises(InputError, match="hatred"):
        compound_expressions(rows().drop(columns=["AU04", "AU10"]))


def test_consistency_by_hand() -> None:
    table = pd.concat(
        [
            rows({6: 0.8, 12: 0.6, 24: 0.25}, happiness=0.9),  # 0.7 * 0.75
            rows({12: 0.9, 15: 0.8}, happiness=0.9),  # 0.45 * 0.2
            rows(neutral=1.0),
            rows({4: 0.7}, neutral=1.0),
        ],
        ignore_index=True,
    )
    found = consistency(table)
    assert found["expression"].tolist() == ["happiness"] * 2 + ["neutral"] * 2
    np.testing.assert_allclose(found["support"], [0.7, 0.45, 1, 1])
    np.testing.assert_allclose(found["opposition"], [0.25, 0.8, 0, 0.7])
    np.testing.assert_allclose(found["score"], [0.525, 0.09, 1, 0.3])
    assert found["missing"].tolist() == ["", "AU06", "", ""]
    assert found["contradicting"].tolist() == ["", "AU15", "", "AU04"]


def test_consistency_with_a_named_expression() -> None:
    found = consistency(rows({1: 0.9, 4: 0.9}), "sadness")
    assert found.loc[0, "missing"] == "AU15"
    assert found.loc[0, "support"] == pytest.approx(0.6)
    with pytest.raises(OptionError, match="joy"):
        consistency(rows(), "joy")
    with pytest.raises(InputError, match="happiness"):
        consistency(rows()[["AU04"]], "happiness")


def test_consistency_of_a_missing_face() -> None:
    table = rows({12: np.nan}, happiness=1.0)
    assert consistency(table).isna().all(axis=None)


def test_supporting_units_of_a_table() -> None:
    rules = supporting_units(rows().drop(columns="AU06")).set_index("expression")
    assert rules.loc["happiness"].tolist() == ["AU12", "AU09 AU15 AU17 AU20 AU24", "AU06"]
    assert rules.loc["disgust", "absent"] == "AU16"


def test_methods() -> None:
    table = rows({12: 1.0}, happiness=1.0)
    assert "compound" in table.compound_expressions()
    assert table.consistency().loc[0, "expression"] == "happiness"
