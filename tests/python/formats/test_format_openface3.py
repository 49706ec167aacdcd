"""OpenFace 3's tables."""

from __future__ import annotations

import pytest
from format_helpers import complete, write

import mien


class TestOpenFace3:
    ROW = {  # noqa: RUF012
        "timestamp": "2025-11-01 10:00:00",
        "image_path": "a.jpg",
        "face_id": 0,
        "face_detection": str([10.0, 20.0, 110.0, 220.0, 0.99]),
        "landmarks": str([[float(i), float(1000 + i)] for i in range(98)]),
        "emotion": 1,
        "gaze_yaw": 0.1,
        "gaze_pitch": -0.2,
        "action_units": str([[0.1 * i for i in range(8)]]),
    }

    @pytest.mark.parametrize("suffix", ["tsv", "csv"])
    def test_lists_in_cells(self, tmp_path, suffix):
        nothing = {**dict.fromkeys(self.ROW), "image_path": "b.jpg"}
        separator = "\t" if suffix == "tsv" else ","
        path = write(tmp_path / f"f.{suffix}", [self.ROW, nothing], separator)
        table = mien.read_openface3(path)
        complete(table)
        assert table["status"].tolist() == ["ok", "no_face"]
        assert table.faceboxes.iloc[0].tolist() == [10, 20, 100, 200, 0.99]
        assert len(table.landmarks.columns) == 136
        # The chin, the outer corner of the eye at the viewer's left, a corner of the mouth.
        assert table.loc[0, ["x_8", "x_36", "x_48", "y_67"]].tolist() == [16, 60, 76, 1095]
        assert table["wflw_y_97"].iloc[0] == 1097
        assert table["action_unit_7"].iloc[0] == pytest.approx(0.7)
        assert "aus" not in table.groups  # it does not say which they are
        assert table["timestamp"].iloc[0] == "2025-11-01 10:00:00"
        assert table["time"].isna().all()

    def test_videos(self, tmp_path):
        rows = [{**self.ROW, "frame_index": i} for i in range(3)]
        for row in rows:
            row["video_path"] = row.pop("image_path")
        table = mien.read_openface3(write(tmp_path / "v.csv", rows), fps=10)
        complete(table)
        assert table["time"].tolist() == [0, 0.1, 0.2]

    def test_a_cell_that_is_no_list(self, tmp_path):
        path = write(tmp_path / "f.tsv", [{**self.ROW, "landmarks": "[1, oops]"}], "\t")
        with pytest.raises(mien.InputError, match=r"row 1, landmarks.*oops"):
            mien.read_openface3(path)
