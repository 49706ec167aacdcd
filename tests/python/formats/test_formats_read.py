"""Other programs' files: what each reader makes of them, in mien's units, with nothing dropped."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.transform import Rotation

import mien
from mien import FaceTable, schema
from mien.formats.openface import head_from_openface, head_to_openface


def complete(table: FaceTable) -> None:
    """What holds of every table read."""
    assert type(table) is FaceTable
    assert list(table.columns[:6]) == list(schema.INDEX_COLUMNS)
    assert table.columns.is_unique
    assert table["status"].notna().all()
    assert table["time"].dtype == np.float64
    assert table["frame"].dtype == np.int64
    missing = table[table["status"] == "no_face"]
    for group in ("faceboxes", "landmarks", "poses", "aus", "emotions", "gazes"):
        assert missing[table.groups.get(group, [])].isna().all(axis=None), group
    assert missing["face"].isna().all()
    assert table.provenance["format"]
    assert table.provenance["inputs"]


def write(path: Path, rows: list[dict] | pd.DataFrame, separator: str = ",") -> Path:
    pd.DataFrame(rows).to_csv(path, sep=separator, index=False)
    return path


class TestFeat:
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


class TestOpenFace:
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

    def test_unit_as_told(self, tmp_path):
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


def imotions(path: Path, version: int) -> Path:
    """A tiny export: FACET's rows, and in version 5 an eye tracker's between them."""
    preamble = [
        "#Study : Synthetic",
        "#Date : 20260101",
        f"#Version : {version}.1.0",
        "#TestRunDate :",
        "",
    ]
    common = {"StudyName": "s", "Name": "p1", "Age": 30, "Gender": "MALE", "StimulusName": "film"}
    found = common | {
        "EventSource": "Emotient FACET",
        "FrameNo": 0,
        "FrameTime": 35,
        "NoOfFaces": 1,
        "FaceRect X": 388,
        "FaceRect Y": 258,
        "FaceRect Width": 200,
        "FaceRect Height": 210,
        "Joy Evidence": 1.0,
        "Joy Intensity": 0.5,
        "Confusion Evidence": -1.0,
        "AU1 Evidence": 0.0,
        "AU12 Evidence": -1.0,
        "Yaw Degrees": 10.0,
        "Pitch Degrees": 10.0,
        "Roll Degrees": 10.0,
        "Annotation": "2026-01-01",
        "LiveMarker": "",
    }
    rows = [
        found | {"Timestamp": 35, "MediaTime": 35},
        common | {"EventSource": "ET", "Timestamp": 50} if version == 5 else None,
        found | {"Timestamp": 68, "FrameNo": 1, "NoOfFaces": 0, "FaceRect X": None},
    ]
    order = [
        "StudyName",
        "Name",
        "Age",
        "Gender",
        "StimulusName",
        "EventSource",
        "Timestamp",
        "MediaTime",
    ]
    frame = pd.DataFrame([r for r in rows if r])
    frame = frame[order + [c for c in frame if c not in order]]
    body = frame.to_csv(sep="\t", index=False, lineterminator="\r\n" if version == 5 else "\n")
    ends = "\t" * 40 + "\r\n" if version == 5 else "\n"
    path.write_text(ends.join(preamble) + ends + body, newline="")
    return path


class TestIMotions:
    @pytest.mark.parametrize("version", [5, 6])
    def test_both_versions(self, tmp_path, version):
        table = mien.read_imotions(imotions(tmp_path / "i.txt", version))
        complete(table)
        rows = ["ok", "no_face", "no_face"] if version == 5 else ["ok", "no_face"]
        assert table["status"].tolist() == rows
        assert table["time"].iloc[0] == 0.035
        assert table["input"].tolist() == ["film"] * len(rows)
        assert table["AU01"].iloc[0] == pytest.approx(0.5)
        assert table["AU12"].iloc[0] == pytest.approx(1 / 11)
        assert table["happiness"].iloc[0] == pytest.approx(10 / 11)
        angles = np.degrees(table.loc[0, ["Pitch", "Roll", "Yaw"]].astype(float))
        assert angles.tolist() == pytest.approx([-10, 10, -10])
        kept = {
            "StimulusName",
            "Annotation",
            "Joy Intensity",
            "Confusion Evidence",
            "AU12 Evidence",
        }
        assert kept <= set(table.design)
        assert table["Annotation"].iloc[0] == "2026-01-01"
        header = table.provenance["inputs"][0]["header"]
        assert header["Study"] == "Synthetic"
        assert table.provenance["format"] == f"iMotions {version}.1.0"

    def test_without_a_table(self, tmp_path):
        (tmp_path / "i.txt").write_text("#Study : x\n#Version : 6\n")
        with pytest.raises(mien.InputError, match="empty"):
            mien.read_imotions(tmp_path / "i.txt")


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


READERS = {
    "feat": mien.read_feat,
    "openface": mien.read_openface,
    "openface3": mien.read_openface3,
    "libreface": mien.read_libreface,
    "pyafar": mien.read_pyafar,
    "imotions": mien.read_imotions,
    "affectiva": mien.read_affectiva,
}


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
class TestAnyReader:
    def test_no_such_file(self, tmp_path, read):
        with pytest.raises(mien.InputError, match="no such file"):
            read(tmp_path / "gone.csv")

    @pytest.mark.parametrize("content", [b"", b"\x00\xff" * 40, b"hello", b"a,a\n1,2\n", b"\n\n"])
    def test_rubbish(self, tmp_path, read, content):
        (tmp_path / "r.csv").write_bytes(content)
        with pytest.raises(mien.InputError, match=r"r\.csv"):
            read(tmp_path / "r.csv")


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_what_was_read_can_be_saved_as_mien_s(tmp_path, media, kind):
    for table in (mien.read_feat(media("001.csv")), mien.read_openface(media("OpenFace_Test.csv"))):
        back = mien.read_table(table.save(tmp_path / f"t.{kind}"))
        pd.testing.assert_frame_equal(back, table, check_exact=True)
        assert back.provenance == table.provenance
