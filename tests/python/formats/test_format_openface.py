"""OpenFace 2's files: mien's units and axes, and OpenFace's columns back."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from format_helpers import complete, write
from scipy.spatial.transform import Rotation
from synthetic_tables import make_table

import mien
from mien.formats.openface import (
    head_from_openface,
    head_to_openface,
    openface_columns,
    write_openface,
)


class TestReading:
    def test_padded_header_without_face_id(self, media):
        raw = pd.read_csv(media("OpenFace_Test.csv"), skipinitialspace=True)
        table = mien.read_openface(media("OpenFace_Test.csv"))
        complete(table)
        assert len(table.landmarks.columns) == 136
        assert len(table.aus.columns) == 17
        np.testing.assert_array_equal(table["frame"], raw["frame"] - 1)
        np.testing.assert_array_equal(table["time"], raw["timestamp"])
        np.testing.assert_allclose(table["AU12"] * 5, raw["AU12_r"])
        dropped = set(raw) - set(table)
        assert dropped == set()
        for name in set(raw) - {"frame"}:
            np.testing.assert_array_equal(table[name], raw[name], err_msg=name)

    def test_head_turns_as_its_own_points_in_space_do(self, media):
        """The turn from the first frame, by Kabsch's algorithm on OpenFace's 3D points."""
        table = mien.read_openface(media("OpenFace_Test.csv"))
        points = np.stack(
            [table[[f"{a}_{i}" for i in range(68)]].to_numpy() for a in "XYZ"], axis=-1
        )
        points -= points.mean(axis=1, keepdims=True)
        # mien's angles in OpenFace's axes (right, down, away).
        turns = Rotation.from_euler(
            "ZYX", np.column_stack([-table["Roll"], table["Yaw"], -table["Pitch"]])
        )
        for i in range(0, 100, 7):
            measured = Rotation.align_vectors(points[i], points[0])[0]
            off = (measured * (turns[i] * turns[0].inv()).inv()).magnitude()
            assert np.degrees(off) < 0.5
        assert np.degrees((turns[99] * turns[0].inv()).magnitude()) > 2  # there was a turn

    def test_rotations_go_there_and_back(self):
        angles = np.random.default_rng(0).uniform(-1.2, 1.2, (3, 200))
        np.testing.assert_allclose(head_to_openface(*head_from_openface(*angles)), angles)
        wanted = Rotation.from_euler("XYZ", angles.T).as_matrix()
        pitch, yaw, roll = head_from_openface(*angles)
        got = Rotation.from_euler("ZYX", np.column_stack([-roll, yaw, -pitch])).as_matrix()
        np.testing.assert_allclose(got, wanted, atol=1e-12)

    def test_gaze_up_and_to_the_subjects_right(self, tmp_path):
        row = {"frame": 1, "timestamp": 0, "confidence": 1, "success": 1}
        angles = {"gaze_angle_x": -0.2, "gaze_angle_y": -0.1}
        table = mien.read_openface(write(tmp_path / "o.csv", [{**row, **angles}]))
        assert table["gaze_yaw"].iloc[0] == pytest.approx(0.2)
        assert 0.09 < table["gaze_pitch"].iloc[0] < 0.1
        eyes = {
            f"gaze_{eye}_{a}": v
            for eye in (0, 1)
            for a, v in zip("xyz", (-0.3, 0, -0.9), strict=True)
        }
        table = mien.read_openface(write(tmp_path / "e.csv", [{**row, **eyes}]))
        assert table["gaze_yaw"].iloc[0] == pytest.approx(np.arctan2(0.3, 0.9))
        assert table["gaze_pitch"].iloc[0] == 0

    def test_failed_frames_are_missing_and_kept(self, tmp_path):
        rows = [
            {"frame": i + 1, "face_id": 0, "timestamp": i / 30, "confidence": c, "success": s}
            | {"x_0": 100.0 + i, "y_0": 50.0, "AU12_r": 2.5, "AU12_c": 1, "pose_Rx": 0.1}
            | {"pose_Ry": 0, "pose_Rz": 0}
            for i, (c, s) in enumerate([(0.98, 1), (0.02, 0)])
        ]
        table = mien.read_openface(write(tmp_path / "o.csv", rows))
        complete(table)
        assert table["status"].tolist() == ["ok", "no_face"]
        assert table["AU12"].tolist()[0] == 0.5
        assert table["x_0"].isna().tolist() == [False, True]
        assert np.isnan(table["x_0_raw"].iloc[0])
        assert table["x_0_raw"].iloc[1] == 101
        assert table["AU12_r"].tolist() == [2.5, 2.5]
        assert table["confidence"].tolist() == [0.98, 0.02]

    def test_images_have_no_times(self, tmp_path):
        rows = [{"face": i, "confidence": 0.9, "AU12_r": 1.0} for i in range(2)]
        table = mien.read_openface(write(tmp_path / "p.csv", rows), input="p.jpg")
        complete(table)
        assert table["input"].tolist() == ["p.jpg"] * 2
        assert table["face"].tolist() == [0, 1]
        assert table["time"].isna().all()
        assert (table["status"] == "ok").all()

    def test_no_number_of_windows(self, tmp_path):
        path = tmp_path / "o.csv"
        path.write_text("frame, timestamp, confidence, success, x_0\n1, 0, 0.9, 1, -nan(ind)\n")
        assert mien.read_openface(path)["x_0"].isna().all()

    def test_not_a_file_of_its(self, tmp_path):
        with pytest.raises(mien.InputError, match="not a file of OpenFace 2's"):
            mien.read_openface(write(tmp_path / "o.csv", [{"frame": 1, "AU12": 1}]))


class TestWriting:
    def test_its_714_columns(self, tmp_path, table):
        names = openface_columns()
        assert len(names) == 714
        assert len(set(names)) == 714
        assert names[:6] == ["frame", "face_id", "timestamp", "confidence", "success", "gaze_0_x"]
        assert names[13] == "eye_lmk_x_0"
        assert names[293:299] == ["pose_Tx", "pose_Ty", "pose_Tz", "pose_Rx", "pose_Ry", "pose_Rz"]
        assert names[-36:-34] == ["p_33", "AU01_r"]
        assert names[-2:] == ["AU28_c", "AU45_c"]
        path = write_openface(table, tmp_path / "o.csv")
        assert list(pd.read_csv(path)) == names

    def test_values(self, tmp_path, table):
        raw = pd.read_csv(write_openface(table, tmp_path / "o.csv"))
        np.testing.assert_allclose(raw["AU12_r"], table["AU12"] * 5, rtol=1e-6)
        np.testing.assert_array_equal(raw["frame"], table["frame"] + 1)
        np.testing.assert_array_equal(raw["success"], (table["status"] == "ok").astype(int))
        np.testing.assert_allclose(raw["timestamp"], table["time"], rtol=1e-15)
        assert raw[["AU12_c", "pose_Tx", "X_0", "p_scale", "AU02_r"]].isna().all(axis=None)
        assert raw.loc[raw["success"] == 0, "x_0"].isna().all()
        assert (raw.loc[raw["success"] == 0, "confidence"] == 0).all()
        faces = raw[raw["success"] == 1]
        eye = faces[["gaze_0_x", "gaze_0_y", "gaze_0_z"]]
        np.testing.assert_allclose(np.linalg.norm(eye, axis=1), 1, rtol=1e-6)

    def test_only_what_is_known(self, tmp_path, table):
        raw = pd.read_csv(write_openface(table, tmp_path / "o.csv", columns="known"))
        assert "X_0" not in raw
        assert "p_scale" not in raw
        assert {"gaze_0_x", "pose_Rx", "x_0", "AU01_r"} <= set(raw)

    def test_closed_eyes_are_its_blink(self, tmp_path, table):
        table["AU43"] = 0.4
        raw = pd.read_csv(write_openface(table, tmp_path / "o.csv"))
        assert raw["AU45_r"].dropna().tolist() == pytest.approx([2.0] * len(raw))

    def test_an_engines_table_there_and_back(self, tmp_path, table):
        for name in ("Pitch", "Roll", "Yaw", "gaze_pitch", "gaze_yaw"):
            table[name] = np.tanh(table[name])  # angles that have one name only
        back = mien.read_openface(write_openface(table, tmp_path / "o.csv"), input="clip.mp4")
        kept = [c for c in table if c in back and c not in ("face", "AU12_L", "AU12_R")]
        assert len(kept) > 145
        for name in kept:
            if table[name].dtype.kind == "f":
                np.testing.assert_allclose(
                    back[name], table[name], rtol=1e-5, atol=1e-6, err_msg=name
                )
            else:
                assert back[name].tolist() == table[name].tolist(), name

    def test_its_file_there_and_back(self, tmp_path, media):
        source = media("OpenFace_Test.csv")
        raw = pd.read_csv(source, skipinitialspace=True)
        back = pd.read_csv(write_openface(mien.read_openface(source), tmp_path / "o.csv"))
        assert set(raw) <= set(back)
        pd.testing.assert_frame_equal(back[list(raw)], raw, check_dtype=False, rtol=1e-12)

    def test_failed_frames_keep_its_values(self, tmp_path):
        rows = pd.DataFrame(
            {"frame": [1, 2], "timestamp": [0, 0.1], "confidence": [0.9, 0.1], "success": [1, 0]}
            | {"x_0": [5.0, 6.0], "AU12_r": [1.0, 2.0]}
            | {f"pose_R{a}": [0.1, 0.2] for a in "xyz"}
        )
        rows.to_csv(tmp_path / "a.csv", index=False)
        back = pd.read_csv(
            write_openface(mien.read_openface(tmp_path / "a.csv"), tmp_path / "b.csv")
        )
        pd.testing.assert_frame_equal(back[list(rows)], rows, check_dtype=False, rtol=1e-12)

    def test_images(self, tmp_path, table):
        table["time"] = np.nan
        raw = pd.read_csv(write_openface(table, tmp_path / "o.csv"))
        assert list(raw)[:3] == ["face", "confidence", "gaze_0_x"]
        assert len(raw.columns) == 711

    def test_several_inputs(self, tmp_path):
        both = pd.concat([make_table(name="a"), make_table(name="b")])
        with pytest.raises(mien.InputError, match=r"a file for each input.*groupby"):
            write_openface(both, tmp_path / "o.csv")

    def test_choice_of_columns(self, tmp_path, table):
        with pytest.raises(mien.OptionError, match="columns"):
            write_openface(table, tmp_path / "o.csv", columns="some")
