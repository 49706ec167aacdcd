"""PyAFAR's files."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from format_helpers import complete, write

import mien


class TestPyAFAR:
    ROWS = [  # noqa: RUF012
        {
            "Frame": f,
            "Person_ID": p,
            "Eye Aspect Ratio": 0.3,
            "Pitch": 2.0,
            "Yaw": -40.0,
            "Roll": 0.0,
        }
        | {"x_0": 5.0, "y_0": 6.0, "z_0": 0.1, "Occ_au_1": 0.7, "Int_au_12": 2.5}
        for f, p in [(0, 1), (0, 2), (4, 1)]
    ]

    def test_a_value_beyond_pi_says_degrees(self, tmp_path):
        table = mien.read_pyafar(write(tmp_path / "p.csv", self.ROWS), fps=2)
        complete(table)
        assert table["Yaw"].iloc[0] == pytest.approx(np.deg2rad(-40))
        assert table["time"].tolist() == [0, 0, 2]
        assert table["face"].tolist() == [0, 1, 0]
        assert table["track"].tolist() == [1, 2, 1]
        assert list(table.aus) == ["AU12"]
        assert table["AU12"].iloc[0] == 0.5
        assert "landmarks" not in table.groups
        assert {"mesh_x_0", "Occ_au_1", "Int_au_12", "Eye Aspect Ratio"} <= set(table)

    def test_unit_as_given(self, tmp_path):
        table = mien.read_pyafar(write(tmp_path / "p.csv", self.ROWS), angles="radians")
        assert table["Yaw"].iloc[0] == -40

    def test_json(self, tmp_path):
        path = tmp_path / "p.json"
        path.write_text(json.dumps(self.ROWS))
        csv = mien.read_pyafar(write(tmp_path / "p.csv", self.ROWS))
        pd.testing.assert_frame_equal(mien.read_pyafar(path), csv, check_dtype=False)

    def test_damaged_json(self, tmp_path):
        (tmp_path / "p.json").write_text("{")
        with pytest.raises(mien.InputError, match=r"p\.json: damaged"):
            mien.read_pyafar(tmp_path / "p.json")
