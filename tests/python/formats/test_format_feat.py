"""py-feat's files: each layout in mien's units, and mien's tables with its columns."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from format_helpers import complete, tables, write
from hypothesis import HealthCheck, given, settings

import mien
from mien import schema
from mien.formats.feat import UNITS, write_feat


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(table=tables())
def test_feats_names_give_everything_back(tmp_path_factory, table):
    """All but types that CSV without a sidecar can't tell: text of numbers, say."""
    table = table.drop(columns=["words", "kind", "target", "begun", "trial", "large"])
    table["FaceRectX"] = np.where(table["status"] == "ok", 5.0, np.nan)
    table.loc[table["status"] != "ok", ["AU12"]] = np.nan
    path = table.write(tmp_path_factory.mktemp("feat") / "t.csv", "feat")
    back = mien.read_feat(path).drop(columns=["approx_time"], errors="ignore")
    assert set(back) == set(table)
    for name in table:
        got = pd.Series(back[name].astype(table[name].dtype))
        pd.testing.assert_series_equal(got, pd.Series(table[name]), check_exact=True)


class TestReading:
    def test_layout_of_0_x_has_its_pose_in_degrees(self, media):
        raw = pd.read_csv(media("001.csv"))
        table = mien.read_feat(media("001.csv"))
        complete(table)
        assert table.provenance["format"] == "py-feat 0.x"
        assert {k: len(v) for k, v in table.groups.items()} == {
            "source": 1,
            "time": 2,
            "identity": 3,
            "faceboxes": 5,
            "landmarks": 136,
            "poses": 3,
            "aus": 20,
            "emotions": 7,
        }
        np.testing.assert_allclose(np.degrees(table["Pitch"]), raw["Pitch"])
        same = [*table.aus, *table.emotions, *table.landmarks, *table.faceboxes, "input", "frame"]
        pd.testing.assert_frame_equal(
            pd.DataFrame(table[same]), raw[same], check_dtype=False, rtol=1e-14
        )
        assert table["time"].isna().all()

    def test_frame_rate_gives_times(self, media):
        table = mien.read_feat(media("001.csv"), fps=30)
        np.testing.assert_allclose(table["time"], np.arange(40) / 30)

    def test_degrees_can_be_denied(self, media):
        table = mien.read_feat(media("001.csv"), angles="radians")
        raw = pd.read_csv(media("001.csv"))
        np.testing.assert_allclose(table["Yaw"], raw["Yaw"], rtol=1e-14)

    def test_one_image(self, media):
        table = mien.read_feat(media("Feat_Test.csv"))
        complete(table)
        assert len(table) == 1
        assert table["face"].tolist() == [0]

    def test_detector_v2(self, media):
        path = media("../news_sample/001.csv")
        raw = pd.read_csv(path)
        table = mien.read_feat(path)
        complete(table)
        assert table.provenance["format"] == "py-feat v2"
        assert list(table.emotions) == list(schema.EMOTIONS)
        np.testing.assert_array_equal(table["happiness"], raw["Happy"])
        np.testing.assert_array_equal(table["gaze_yaw"], -raw["gaze_yaw"])
        np.testing.assert_array_equal(table["Yaw"], raw["Yaw"])
        np.testing.assert_array_equal(table["mesh_z_477"], raw["mesh_z_477"])
        np.testing.assert_array_equal(table["jawOpen"], raw["jawOpen"])
        assert table["time"].tolist() == [0.0] * 13 + [1.0] * 7  # approx_time has whole seconds
        assert table["approx_time"].iloc[0] == "00:00"
        renamed = {"Happy", "Sad", "Anger", "Disgust", "Fear", "Surprise", "Neutral"}
        assert set(raw) - set(table) == renamed

    def test_twenty_clips_are_one_table(self, media):
        folder = media("../news_sample/001.csv").parent
        tables = [mien.read_feat(p) for p in sorted(folder.glob("[0-9]*.csv"))]
        whole = pd.concat(tables, ignore_index=True)
        assert whole["input"].nunique() == 20
        assert len(whole.provenance["inputs"]) == 20  # one provenance, not twenty

    def test_frames_without_a_face_and_people(self, tmp_path):
        rows = [
            {"FaceRectX": 5.0, "FaceScore": 0.9, "AU12": 0.2, "frame": 0, "Identity": "Person_3"},
            {"FaceRectX": 9.0, "FaceScore": 0.99, "AU12": 0.4, "frame": 0, "Identity": "Unknown"},
            {"FaceRectX": None, "FaceScore": 0.0, "AU12": None, "frame": 1, "Identity": None},
        ]
        table = mien.read_feat(
            write(
                tmp_path / "f.csv",
                [{**r, "input": "a.mp4", "approx_time": "62:05"} for r in rows],
            )
        )
        complete(table)
        assert table["status"].tolist() == ["ok", "ok", "no_face"]
        assert table["face"].tolist() == [1, 0, pd.NA]
        assert table["track"].tolist() == [3, pd.NA, pd.NA]
        assert table["time"].tolist() == [3725.0] * 3
        assert np.isnan(table["FaceScore"].iloc[2])
        assert table["Identity"].iloc[1] == "Unknown"

    def test_mpdetector_has_mesh_points_not_landmarks(self, tmp_path):
        row = {f"{a}_{i}": 1000 * k + i for i in range(478) for k, a in enumerate("xyz")}
        table = mien.read_feat(write(tmp_path / "m.csv", [{"FaceRectX": 1, **row, "frame": 0}]))
        complete(table)
        assert "landmarks" not in table.groups
        mesh = [c for c in table if c.startswith("mesh_")]
        assert mesh[:2] == ["mesh_x_0", "mesh_x_1"]
        assert mesh[478] == "mesh_y_0"
        assert table["mesh_y_477"].iloc[0] == 1477

    def test_not_a_file_of_its(self, tmp_path):
        with pytest.raises(mien.InputError, match=r"f\.csv: not a file of py-feat's"):
            mien.read_feat(write(tmp_path / "f.csv", [{"a": 1}]))

    def test_bad_frame_rate(self, media):
        with pytest.raises(mien.OptionError, match="fps"):
            mien.read_feat(media("001.csv"), fps=0)


class TestWriting:
    def test_columns_and_order_are_its_own(self, tmp_path, table):
        path = write_feat(table, tmp_path / "f.csv")
        names = list(pd.read_csv(path))
        box, points = list(schema.BOX_COLUMNS), [f"{a}_{i}" for a in "xy" for i in range(68)]
        units = [name for name in UNITS if name in table]
        head = [*box, *points, "Pitch", "Roll", "Yaw", *units, *schema.EMOTIONS]
        gaze = ["gaze_pitch", "gaze_yaw", "gaze_angle"]
        frame = ["FrameHeight", "FrameWidth", "input", "frame", "approx_time"]
        assert names[: len(head) + 8] == [*head, *gaze, *frame]
        assert set(table) <= set(names)

    def test_frames_without_a_face_have_score_0(self, tmp_path, table):
        raw = pd.read_csv(write_feat(table, tmp_path / "f.csv"))
        assert (raw["FaceScore"][(table["status"] == "no_face").to_numpy()] == 0).all()

    def test_gaze_angle_and_time(self, tmp_path, table):
        raw = pd.read_csv(write_feat(table, tmp_path / "f.csv"))
        wanted = np.arccos(np.cos(table["gaze_pitch"]) * np.cos(table["gaze_yaw"]))
        np.testing.assert_allclose(raw["gaze_angle"], wanted, rtol=1e-5)
        table["time"] = 3725.9
        raw = pd.read_csv(write_feat(table, tmp_path / "f.csv"))
        assert set(raw["approx_time"]) == {"62:05"}

    def test_an_engines_table_there_and_back(self, tmp_path, table):
        for layout in ("v1", "v2"):
            back = mien.read_feat(write_feat(table, tmp_path / "f.csv", layout=layout))
            for name in table:
                got = back[name].astype(table[name].dtype)
                pd.testing.assert_series_equal(
                    pd.Series(got), pd.Series(table[name]), check_exact=True
                )

    def test_v2_there_and_back_is_the_file(self, tmp_path, media):
        source = media("../news_sample/002.csv")
        path = write_feat(mien.read_feat(source), tmp_path / "f.csv", layout="v2", dictionary=None)
        raw, back = pd.read_csv(source), pd.read_csv(path)
        names = [c for c in raw if c in back]
        assert set(raw) == set(names)
        assert [c for c in back if c in set(raw)] == list(raw)
        pd.testing.assert_frame_equal(back[names], raw[names], check_dtype=False, check_exact=True)
        assert [p.name for p in tmp_path.iterdir()] == ["f.csv"]

    def test_layout(self, tmp_path, table):
        with pytest.raises(mien.OptionError, match="layout"):
            write_feat(table, tmp_path / "f.csv", layout="v3")
