"""Affectiva's values."""

from __future__ import annotations

import json

import pytest
from format_helpers import complete

import mien


class TestAffectiva:
    FLAT = {"joy": 99.0, "anger": 1.0, "valence": -50.0, "engagement": 3.0, "Timestamp": 0.5} | {
        "FileName": "a.jpg",
        "smile": 100.0,
        "innerBrowRaise": 6.0,
        "smirk": 2.0,
    }
    NESTED = {  # noqa: RUF012
        "emotions": {"joy": 99.0, "anger": 1.0, "valence": -50.0, "engagement": 3.0},
        "expressions": {"smile": 100.0, "innerBrowRaise": 6.0, "smirk": 2.0},
        "measurements": {"orientation": {"yaw": 4.0}},
        "timestamp": 0.5,
    }

    @pytest.mark.parametrize("shape", ["one", "lines", "list"])
    @pytest.mark.parametrize("row", [FLAT, NESTED], ids=["flat", "nested"])
    def test_shapes_of_the_file(self, tmp_path, shape, row):
        text = {
            "one": json.dumps(row),
            "lines": json.dumps(row) + "\n" + json.dumps(row) + "\n",
            "list": json.dumps([row, row], indent=1),
        }[shape]
        (tmp_path / "a.json").write_text(text)
        table = mien.read_affectiva(tmp_path / "a.json")
        complete(table)
        assert len(table) == (1 if shape == "one" else 2)
        assert table["AU12"].iloc[0] == 1.0
        assert table["AU01"].iloc[0] == pytest.approx(0.06)
        assert table["happiness"].iloc[0] == pytest.approx(0.99)
        assert table["valence"].iloc[0] == -0.5
        assert table["time"].iloc[0] == 0.5
        kept = {"joy": 99, "anger_raw": 1, "valence_raw": -50, "smile": 100, "smirk": 2}
        assert table.loc[0, list(kept)].tolist() == list(kept.values())
        if row is self.NESTED:
            assert table["measurements.orientation.yaw"].iloc[0] == 4

    @pytest.mark.parametrize("text", ["", "{", "[1, 2]", '{"a": 1}'])
    def test_not_its_values(self, tmp_path, text):
        (tmp_path / "a.json").write_text(text)
        with pytest.raises(mien.InputError, match=r"a\.json"):
            mien.read_affectiva(tmp_path / "a.json")
