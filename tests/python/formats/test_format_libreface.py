"""LibreFace's files."""

from __future__ import annotations

import numpy as np
import pytest
from format_helpers import complete, write

import mien


class TestLibreFace:
    def rows(self, unit: float = 1) -> list[dict]:
        return [
            {"frame_idx": i, "frame_time_in_ms": unit * i / 25, "path_to_frame": f"/t/{i}.png"}
            | {"pitch": 10.0, "yaw": 20.0, "roll": 30.0, "gaze_yaw": 45.0, "gaze_pitch": 9.0}
            | {"lm_mp_0_x": 3.0, "au_12": 1, "au_12_intensity": 2.5 if i else None}
            | {"facial_expression": "Happiness"}
            for i in range(3)
        ]

    @pytest.mark.parametrize(("unit", "word"), [(1, "seconds"), (1000, "milliseconds")])
    def test_times_of_either_release(self, tmp_path, unit, word):
        table = mien.read_libreface(write(tmp_path / "l.csv", self.rows(unit)))
        complete(table)
        np.testing.assert_allclose(table["time"], np.arange(3) / 25)
        assert any(word in note for note in table.provenance["conversions"])

    def test_units_and_signs(self, tmp_path):
        table = mien.read_libreface(write(tmp_path / "l.csv", self.rows()))
        assert table["AU12"].tolist()[1:] == [0.5, 0.5]
        assert table["status"].tolist() == ["no_face", "ok", "ok"]
        angles = np.degrees(table.loc[1, ["Pitch", "Roll", "Yaw"]].astype(float))
        assert angles.tolist() == pytest.approx([10, -30, -20])
        assert table["gaze_yaw"].iloc[1] == pytest.approx(np.pi / 4)
        kept = {
            "path_to_frame",
            "facial_expression",
            "au_12",
            "au_12_intensity",
            "lm_mp_0_x",
            "yaw",
        }
        assert kept <= set(table)

    def test_not_a_file_of_its(self, tmp_path):
        with pytest.raises(mien.InputError, match="not a file of LibreFace's"):
            mien.read_libreface(write(tmp_path / "l.csv", [{"frame_idx": 0}]))
