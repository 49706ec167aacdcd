"""Readers of sets with action units, landmarks and boxes, on small trees made by hand."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("pandas", reason="the readers' tables need pandas")

from models.training.datasets import readers
from models.training.datasets.readers import DamagedFileError, MissingFileError, disfa, record


def write(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def disfa_tree(root: Path) -> Path:
    labels = root / "ActionUnit_Labels" / "SN001"
    for unit in disfa.UNITS:
        write(labels / f"SN001_au{unit}.txt", "1,0\n2,5\n3,3\n")
    write(root / "Videos_LeftCamera" / "LeftVideoSN001_comp.avi")
    write(root / "Video_RightCamera" / "RightVideoSN001_Comp.avi")
    return labels


def test_disfa(tmp_path: Path):
    labels = disfa_tree(tmp_path)
    table = readers.read("disfa", tmp_path)
    assert record.units_of(table) == list(disfa.UNITS)
    assert record.occurrence_only(table) == []
    np.testing.assert_allclose(table["AU12"], [0, 1, 0.6])
    assert table["frame"].tolist() == [0, 1, 2]
    assert table["image"][0] == "Videos_LeftCamera/LeftVideoSN001_comp.avi"
    assert table["person"].unique().tolist() == ["SN001"]
    right = readers.read("disfa", tmp_path, camera="right")
    assert right["image"][0] == "Video_RightCamera/RightVideoSN001_Comp.avi"
    write(labels / "SN001_au4.txt", "1,0\n2,6\n3,0\n")
    with pytest.raises(DamagedFileError, match=r"SN001_au4\.txt:2: .*0 to 5.*'6'"):
        readers.read("disfa", tmp_path)
    write(labels / "SN001_au4.txt", "1,0\n2,1\n")
    with pytest.raises(DamagedFileError, match=r"SN001_au4\.txt: wanted the 3 frames"):
        readers.read("disfa", tmp_path)
    (labels / "SN001_au4.txt").unlink()
    with pytest.raises(MissingFileError, match=r"action unit 4: wanted .*SN001_au4\.txt"):
        readers.read("disfa", tmp_path)


def test_disfaplus(tmp_path: Path):
    labels = tmp_path / "Labels" / "SN003" / "A3_AU1_2_TrailNo_2"
    heading = "# SN003\n# Intensity of action unit\n"
    for unit in disfa.UNITS:
        write(labels / f"AU{unit}.txt", heading + "000.jpg     0\n001.jpg     4\n")
    write(labels / "AU1.txt", heading + "000.jpg     2\n")
    (tmp_path / "Images").mkdir()
    table = readers.read("disfaplus", tmp_path)
    assert table["image"][1] == "Images/SN003/A3_AU1_2_TrailNo_2/001.jpg"
    np.testing.assert_allclose(table["AU26"], [0, 0.8])
    np.testing.assert_allclose(table["AU01"], [0.4, np.nan])
    assert table["person"].unique().tolist() == ["SN003"]
    write(labels / "AU1.txt", heading + "000.jpg     2\nrubbish\n")
    with pytest.raises(DamagedFileError, match=r"AU1\.txt:4: .*'rubbish'"):
        readers.read("disfaplus", tmp_path)


def codes(root: Path, first: int) -> Path:
    rows = [f"{first},0,9,9", f"{first + 1},1,9,9", f"{first + 2},9,9,1"]
    write(root / "AUCoding" / "AU_INT" / "AU12" / "F001_T1_AU12.csv", f"{first},5\n{first + 1},9\n")
    return write(root / "AUCoding" / "AU_OCC" / "F001_T1.csv", "\n".join(["0,1,2,12", *rows]))


def test_bp4d_images_by_name(tmp_path: Path):
    path = codes(tmp_path, 98)
    for name in ("098", "100"):
        write(tmp_path / "Sequences(2D+3D)" / "F001" / "T1" / f"{name}.jpg")
    table = readers.read("bp4d", tmp_path)
    assert table["image"][0] == "Sequences(2D+3D)/F001/T1/098.jpg"
    assert table["image"].isna().tolist() == [False, True, False]
    np.testing.assert_allclose(table["AU01_present"], [0, 1, np.nan])
    np.testing.assert_allclose(table["AU12"], [1, np.nan, np.nan])
    np.testing.assert_allclose(table["AU12_present"], [np.nan, np.nan, 1])
    assert record.units_of(table) == [1, 12]  # unit 2 was never coded
    assert record.occurrence_only(table) == [1]
    assert table["sequence"].unique().tolist() == ["F001_T1"]
    path.write_text("0,1,2,12\n98,0,0,0\n99,0,3,0\n")
    with pytest.raises(DamagedFileError, match=r"F001_T1\.csv:3: wanted 0, 1 or 9, got '3'"):
        readers.read("bp4d", tmp_path)
    path.write_text("frame,mood\n98,0\n")
    with pytest.raises(DamagedFileError, match=r"F001_T1\.csv:1: .*'MOOD'"):
        readers.read("bp4d", tmp_path)


def test_bp4dplus_images_by_place_in_a_zip(tmp_path: Path):
    codes(tmp_path, 2)
    (tmp_path / "2D+3D").mkdir()
    with zipfile.ZipFile(tmp_path / "2D+3D" / "F001.zip", "w") as archive:
        for task in ("T1", "T2"):
            for frame in range(3):
                archive.writestr(f"F001/{task}/{frame:04d}.jpg", b"")
    table = readers.read("bp4dplus", tmp_path)
    assert table["archive"].unique().tolist() == ["2D+3D/F001.zip"]
    assert table["image"].tolist()[:2] == ["F001/T1/0001.jpg", "F001/T1/0002.jpg"]
    assert table["image"].isna().tolist() == [False, False, True]
    (tmp_path / "2D+3D" / "F001.zip").unlink()
    with pytest.raises(MissingFileError, match=r"F001\.zip"):
        readers.read("bp4dplus", tmp_path)


def test_emotionet(tmp_path: Path):
    def line(name: str, **known: str) -> str:
        values = [known.get(f"u{unit}", "999") for unit in range(1, 61)]
        where = f"http://server/emotionet/Images/N_01/{name}"
        return "\t".join([where, "http://found.here/x.jpg", *values])

    path = write(
        tmp_path / "lists" / "dataFile_0001.txt",
        "\n".join([line("a.jpg", u1="0", u12="1"), line("b.jpg", u43="1")]),
    )
    table = readers.read("emotionet", tmp_path)
    assert table["image"].tolist() == ["Images/N_01/a.jpg", "Images/N_01/b.jpg"]
    assert record.units_of(table) == [1, 12, 43]
    np.testing.assert_allclose(table["AU01_present"], [0, np.nan])
    np.testing.assert_allclose(table["AU43_present"], [np.nan, 1])
    path.write_text(line("a.jpg") + "\n" + line("b.jpg", u3="2"))
    with pytest.raises(DamagedFileError, match=r"dataFile_0001\.txt:2: wanted 0, 1 or 999"):
        readers.read("emotionet", tmp_path)
    path.write_text("http://server/Images/a.jpg\t1\n")
    with pytest.raises(DamagedFileError, match=r":1: wanted 2 addresses and 60 codes, got 2"):
        readers.read("emotionet", tmp_path)


def ckplus(root: Path, codes: range) -> None:
    for code in codes:
        for frame in (1, 2, 3):
            stem = f"S{code:03d}_001_{frame:08d}"
            place = f"S{code:03d}/001"
            write(root / "cohn-kanade-images" / place / f"{stem}.png")
            points = "\n".join(f"   {n}.5e+00   2.0000000e+02" for n in range(68))
            write(root / "Landmarks" / place / f"{stem}_landmarks.txt", points)
        write(root / "Emotion" / place / f"{stem}_emotion.txt", f"   {code}.0000000e+00\n")
        write(
            root / "FACS" / place / f"{stem}_facs.txt",
            "   4.0000000e+00   3.0000000e+00\n   1.7000000e+01   0.0000000e+00\n",
        )


def test_ckplus(tmp_path: Path):
    ckplus(tmp_path, range(8))
    write(
        tmp_path / "FACS" / "S007" / "001" / "S007_001_00000003_facs.txt", "  1.2e+01   5.0e+00\n"
    )
    table = readers.read("ckplus", tmp_path)
    named = table["expression"].astype(object).where(table["expression"].notna(), None).tolist()
    assert named[0::3] == ["neutral"] * 8
    assert named[1::3] == [None] * 8
    assert named[2::3] == [
        "neutral",
        "anger",
        None,  # contempt
        "disgust",
        "fear",
        "happiness",
        "sadness",
        "surprise",
    ]
    peaks = table.iloc[2::3]
    np.testing.assert_allclose(peaks["AU04"], [0.6] * 7 + [0])
    np.testing.assert_allclose(peaks["AU12"], [0] * 7 + [1])
    # Unit 17 is there with no intensity given, and absent in the last.
    np.testing.assert_allclose(peaks["AU17"], [np.nan] * 7 + [0])
    np.testing.assert_allclose(peaks["AU17_present"], [1] * 7 + [0])
    assert table.drop(peaks.index)[["AU04", "AU04_present"]].isna().all(axis=None)
    assert table["landmarks"][0].shape == (68, 2)
    assert table["landmarks"][0][1, 0] == 1.5
    assert table["person"].tolist()[:4] == ["S000"] * 3 + ["S001"]


def test_ckplus_damaged(tmp_path: Path):
    ckplus(tmp_path, range(2))
    marks = tmp_path / "Landmarks" / "S001" / "001" / "S001_001_00000002_landmarks.txt"
    good = marks.read_text()
    marks.write_text("1 2\n3\n")
    with pytest.raises(DamagedFileError, match=r"00000002_landmarks\.txt:2: wanted 2 numbers"):
        readers.read("ckplus", tmp_path)
    marks.write_text(good)
    emotion = tmp_path / "Emotion" / "S001" / "001" / "S001_001_00000003_emotion.txt"
    emotion.write_text("  8.0e+00\n")
    with pytest.raises(DamagedFileError, match=r"_emotion\.txt:1: .*0 to 7"):
        readers.read("ckplus", tmp_path)


def test_widerface(tmp_path: Path):
    text = (
        "0--Parade/a.jpg\n2\n10 20 30 40 0 0 0 0 0 0\n1 2 3 4 2 0 0 1 0 0\n"
        "0--Parade/b.jpg\n0\n0 0 0 0 0 0 0 0 0 0\n"
        "0--Parade/c.jpg\n1\n5 5 0 7 0 0 0 0 0 0\n"
    )
    split = tmp_path / "wider_face_split"
    path = write(split / "wider_face_train_bbx_gt.txt", text)
    write(split / "wider_face_val_bbx_gt.txt", "1--X/d.jpg\n1\n1 1 2 2 0 0 0 0 0 0\n")
    write(split / "wider_face_test_filelist.txt", "2--Y/e.jpg\n")
    table = readers.read("widerface", tmp_path)
    assert table["image"][0] == "WIDER_train/images/0--Parade/a.jpg"
    np.testing.assert_array_equal(table["boxes"][0], [[10, 20, 40, 60], [1, 2, 4, 6]])
    assert table["ignored"][0].tolist() == [False, True]
    assert table["boxes"][1].shape == (0, 4)
    assert table["ignored"][2].tolist() == [True]  # no area
    assert np.isnan(table["points"][0]).all()
    assert table["split"].tolist() == ["train"] * 3 + ["validation", "test"]
    assert table["boxes"][4] is None
    path.write_text("0--Parade/a.jpg\n2\n10 20 30 40 0 0 0 0 0 0\n0--Parade/b.jpg\n1\n")
    with pytest.raises(DamagedFileError, match=r"wider_face_train_bbx_gt\.txt:4: wanted 10"):
        readers.read("widerface", tmp_path)
    path.write_text("0--Parade/a.jpg\nmany\n")
    with pytest.raises(DamagedFileError, match=r"_bbx_gt\.txt:2: .*'many'"):
        readers.read("widerface", tmp_path)


def test_widerface_with_five_points(tmp_path: Path):
    five = " ".join(f"{10 * n} {10 * n + 1} 0.0" for n in range(1, 6))
    unseen = " ".join(["-1.0 -1.0 -1.0"] * 5)
    text = f"# 0--Parade/a.jpg\n1 2 3 4 {five} 0.82\n5 6 7 8 {unseen} 0.1\n# 0--Parade/b.jpg\n"
    path = write(tmp_path / "train" / "label.txt", text)
    write(tmp_path / "val" / "label.txt", "# 1--X/c.jpg\n1 2 3 4\n")
    table = readers.read("widerface", tmp_path, lists="retinaface")
    wanted = [[10, 11], [20, 21], [30, 31], [40, 41], [50, 51]]
    np.testing.assert_array_equal(table["points"][0][0], wanted)
    assert np.isnan(table["points"][0][1]).all()
    np.testing.assert_array_equal(table["boxes"][0][1], [5, 6, 12, 14])
    assert table["boxes"][1].shape == (0, 4)
    assert table["image"][2] == "WIDER_val/images/1--X/c.jpg"
    path.write_text("# a.jpg\n1 2 3\n")
    with pytest.raises(DamagedFileError, match=r"label\.txt:2: wanted x y w h"):
        readers.read("widerface", tmp_path, lists="retinaface")


def pts(count: int = 68, body: int = 68) -> str:
    points = "\n".join(f"{n}.5 {n + 1}.25" for n in range(1, body + 1))
    return f"version: 1\nn_points:  {count}\n{{\n{points}\n}}\n"


def test_three00w_counts_from_one(tmp_path: Path):
    for part in ("afw", "helen/testset", "ibug", "300W/01_Indoor"):
        write(tmp_path / part / "a_1.pts", pts())
        write(tmp_path / part / ("a_1.png" if part.startswith("300W") else "a_1.jpg"))
    table = readers.read("three00w", tmp_path)
    assert table["split"].tolist() == ["train", "validation", "validation", "test"]
    assert table["image"].tolist()[-1] == "300W/01_Indoor/a_1.png"
    np.testing.assert_array_equal(table["landmarks"][0][0], [0.5, 1.25])
    (tmp_path / "afw" / "a_1.pts").write_text(pts(count=29))
    with pytest.raises(DamagedFileError, match=r"a_1\.pts:2: wanted 68 points, got '29'"):
        readers.read("three00w", tmp_path)
    (tmp_path / "afw" / "a_1.pts").write_text(pts(body=67))
    with pytest.raises(DamagedFileError, match=r"a_1\.pts: wanted 68 points, got 67"):
        readers.read("three00w", tmp_path)
    (tmp_path / "afw" / "a_1.pts").write_text(pts().replace("2.5 3.25", "2.5 x"))
    with pytest.raises(DamagedFileError, match=r"a_1\.pts:5: .*'x'"):
        readers.read("three00w", tmp_path)


@pytest.mark.parametrize("name", readers.READERS)
def test_every_reader_says_what_an_empty_folder_lacks(tmp_path: Path, name: str):
    with pytest.raises(MissingFileError, match=f"^{name}: no .*wanted {tmp_path}"):
        readers.read(name, tmp_path)
