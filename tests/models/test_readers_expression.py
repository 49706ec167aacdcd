"""Readers of sets with expressions, valence and arousal, on small trees made by hand."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("pandas", reason="the readers' tables need pandas")

from models.training.datasets import readers
from models.training.datasets.readers import (
    EXPRESSIONS,
    DamagedFileError,
    MissingFileError,
    affectnet,
    record,
)

NA = None


def write(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def expressions(table) -> list[str | None]:
    return table["expression"].astype(object).where(table["expression"].notna(), None).tolist()


def affectnet_sets(root: Path, codes: range) -> None:
    for part, shift in (("train_set", 0), ("val_set", 100)):
        for code in codes:
            write(root / part / "images" / f"{code + shift}.jpg")
            notes = root / part / "annotations"
            notes.mkdir(exist_ok=True)
            np.save(notes / f"{code + shift}_exp.npy", np.array(str(code)))
            np.save(notes / f"{code + shift}_val.npy", np.array("-0.25" if code < 8 else "-2"))
            np.save(notes / f"{code + shift}_aro.npy", np.array("0.5" if code < 8 else "-2"))
            if code:
                np.save(notes / f"{code + shift}_lnd.npy", np.arange(136).astype(str))


AFFECTNET_ORDER = [
    "neutral",
    "happiness",
    "sadness",
    "surprise",
    "fear",
    "disgust",
    "anger",
    NA,  # contempt
]


def test_expressions_are_the_networks():
    pytest.importorskip("torch", reason="the network's file needs torch")
    from models.training.networks.behaviour import EXPRESSIONS as wanted

    assert wanted == EXPRESSIONS


def test_affectnet_per_image(tmp_path: Path):
    affectnet_sets(tmp_path, range(9))
    table = readers.read("affectnet", tmp_path)
    assert expressions(table) == [*AFFECTNET_ORDER, NA] * 2
    assert list(table["split"]) == ["train"] * 9 + ["validation"] * 9
    assert table["image"][1] == "train_set/images/1.jpg"
    assert table["valence"][0] == pytest.approx(-0.25)
    assert np.isnan(table["valence"][8])
    assert np.isnan(table["arousal"][8])
    assert table["landmarks"][0] is None
    np.testing.assert_array_equal(table["landmarks"][1], np.arange(136).reshape(68, 2))
    assert record.units_of(table) == []


def test_affectnet_lists_with_and_without_heading(tmp_path: Path):
    points = ";".join(str(v / 2) for v in range(136))
    rows = [f"1/{code}.jpg,10,20,30,40,{points},{code},0.5,-0.5" for code in range(11)]
    rows[8:] = [f"1/{code}.jpg,NULL,NULL,NULL,NULL,NULL,{code},-2,-2" for code in (8, 9, 10)]
    lists = tmp_path / "Manually_Annotated_file_lists"
    write(lists / "training.csv", "\n".join([",".join(affectnet.HEADER), *rows]))
    write(lists / "validation.csv", "\n".join(rows[:2]))
    (tmp_path / "Manually_Annotated_Images").mkdir()
    table = readers.read("affectnet", tmp_path)
    assert expressions(table) == [*AFFECTNET_ORDER, NA, NA, NA, "neutral", "happiness"]
    assert table["image"][3] == "Manually_Annotated_Images/1/3.jpg"
    np.testing.assert_array_equal(table["boxes"][0], [[10, 20, 40, 60]])
    assert table["boxes"][8] is None
    assert table["landmarks"][0][1, 1] == 1.5
    assert np.isnan(table["valence"][9])
    assert list(table["split"]).count("validation") == 2


def test_affectnet_says_which_file_is_missing_or_damaged(tmp_path: Path):
    with pytest.raises(MissingFileError, match=r"affectnet: no train_set/.*training\.csv"):
        readers.read("affectnet", tmp_path)
    affectnet_sets(tmp_path, range(1))
    broken = tmp_path / "train_set" / "annotations" / "0_exp.npy"
    np.save(broken, np.array("11"))
    with pytest.raises(DamagedFileError, match=r"0_exp\.npy: wanted a number from 0 to 10.*'11'"):
        readers.read("affectnet", tmp_path)
    broken.write_bytes(b"nothing")
    with pytest.raises(DamagedFileError, match=r"0_exp\.npy: not an array"):
        readers.read("affectnet", tmp_path)
    broken.unlink()
    with pytest.raises(MissingFileError, match=r"no annotation: wanted .*0_exp\.npy"):
        readers.read("affectnet", tmp_path)


def test_rafdb_order_and_attributes(tmp_path: Path):
    names = [f"train_{n:05d}.jpg {n}" for n in range(1, 7)] + ["test_0001.jpg 7"]
    labels = write(tmp_path / "EmoLabel" / "list_patition_label.txt", "\n".join(names))
    table = readers.read("rafdb", tmp_path)
    assert expressions(table) == [
        "surprise",
        "fear",
        "disgust",
        "happiness",
        "sadness",
        "anger",
        "neutral",
    ]
    assert table["image"][0] == "Image/aligned/train_00001_aligned.jpg"
    assert table["split"][6] == "test"
    assert table["gender"].isna().all()
    for name in names:
        stem = name.split(".")[0]
        path = tmp_path / "Annotation" / "manual" / f"{stem}_manu_attri.txt"
        write(path, "1\t2\n" * 5 + ("2\n1\n4\n" if stem == "test_0001" else "1\n0\n2\n"))
    table = readers.read("rafdb", tmp_path, images="original")
    assert table["image"][6] == "Image/original/test_0001.jpg"
    assert table["gender"][0] == "female"
    assert table["gender"].isna().tolist() == [False] * 6 + [True]
    assert table["race"].tolist() == ["caucasian"] * 6 + ["african-american"]
    assert table["age"].isna().all()
    labels.write_text("train_00001.jpg 3\ntrain_00002.jpg 8\n")
    with pytest.raises(DamagedFileError, match=r"list_patition_label\.txt:2: .*1 to 7.*'8'") as e:
        readers.read("rafdb", tmp_path)
    assert e.value.line == 2


def test_fer2013_csv(tmp_path: Path):
    pixels = " ".join(["7"] * 48**2)
    uses = ["Training"] * 5 + ["PublicTest", "PrivateTest"]
    rows = [f"{code},{pixels},{use}" for code, use in enumerate(uses)]
    path = write(tmp_path / "fer2013.csv", "\n".join(["emotion,pixels,Usage", *rows]))
    table = readers.read("fer2013", tmp_path)
    assert expressions(table) == [
        "anger",
        "disgust",
        "fear",
        "happiness",
        "sadness",
        "surprise",
        "neutral",
    ]
    assert table["split"].tolist() == ["train"] * 5 + ["validation", "test"]
    assert table["frame"].tolist() == list(range(7))
    path.write_text("emotion,pixels,Usage\n0,1 2 3,Training\n")
    with pytest.raises(DamagedFileError, match=r"fer2013\.csv:2: wanted 2304 pixels, got 3"):
        readers.read("fer2013", tmp_path)


def test_fer2013_images_in_a_zip(tmp_path: Path):
    labels = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
    with zipfile.ZipFile(tmp_path / "fer2013.zip", "w") as archive:
        for label in labels:
            archive.writestr(f"train/{label}/Training_1.jpg", b"")
        archive.writestr("public/happy/PublicTest_1.jpg", b"")
    table = readers.read("fer2013", tmp_path)
    named = dict(zip(table["image"], table["expression"], strict=True))
    assert [named[f"train/{label}/Training_1.jpg"] for label in labels] == [
        "anger",
        "disgust",
        "fear",
        "happiness",
        "sadness",
        "surprise",
        "neutral",
    ]
    assert table["archive"].unique().tolist() == ["fer2013.zip"]
    assert table["split"].tolist().count("validation") == 1
    (tmp_path / "fer2013.zip").write_bytes(b"nothing")
    with pytest.raises(DamagedFileError, match=r"fer2013\.zip: not a zip file"):
        readers.read("fer2013", tmp_path)


def test_lfw_persons(tmp_path: Path):
    for name in ("A_B/A_B_0001.jpg", "A_B/A_B_0002.jpg", "C/C_0001.jpg"):
        write(tmp_path / "lfw" / name)
    table = readers.read("lfw", tmp_path)
    assert table["person"].tolist() == ["A_B", "A_B", "C"]
    assert table["image"][0] == "lfw/A_B/A_B_0001.jpg"
    write(tmp_path / "lfw" / "C" / "D_0001.jpg")
    with pytest.raises(DamagedFileError, match="C/D_0001"):
        readers.read("lfw", tmp_path)


def test_utkface_names(tmp_path: Path):
    for name in ("26_1_2_2017.jpg.chip.jpg", "61_3_2017.jpg", "1_0_4_2017.jpg"):
        write(tmp_path / name)
    table = readers.read("utkface", tmp_path).set_index("image")
    row = table.loc["26_1_2_2017.jpg.chip.jpg"]
    assert (row["age"], row["gender"], row["race"]) == (26, "female", "asian")
    row = table.loc["61_3_2017.jpg"]
    assert row["age"] == 61
    assert row[["gender", "race"]].isna().all()
    assert tuple(table.loc["1_0_4_2017.jpg"][["gender", "race"]]) == ("male", "other")
    write(tmp_path / "20_2_0_2017.jpg")
    with pytest.raises(DamagedFileError, match=r"20_2_0_2017\.jpg: .*0 to 1.*'2'"):
        readers.read("utkface", tmp_path)


def affwild2(root: Path) -> Path:
    notes = root / "annotations"
    write(
        notes / "EXPR_Recognition_Challenge" / "Train_Set" / "a_left.txt",
        "Neutral,Anger,Disgust,Fear,Happiness,Sadness,Surprise,Other\n"
        + "\n".join(str(code) for code in (-1, 0, 1, 2, 3, 4, 5, 6, 7)),
    )
    write(
        notes / "VA_Estimation_Challenge" / "Train_Set" / "a_left.txt",
        "valence,arousal\n-5,-5\n0.25,-1\n",
    )
    write(
        notes / "VA_Estimation_Challenge" / "Validation_Set" / "b.txt", "valence,arousal\n0.1,0.2\n"
    )
    write(
        notes / "AU_Detection_Challenge" / "Validation_Set" / "a_left.txt",
        "AU1,AU2,AU26\n-1,-1,-1\n1,0,1\n",
    )
    for frame in (1, 3):
        write(root / "cropped_aligned" / "a_left" / f"{frame:05d}.jpg")
    (root / "cropped_aligned" / "b").mkdir()
    for video in ("a", "b"):
        write(root / "batch1" / f"{video}.mp4")
    return notes


def test_affwild2_joins_challenges_by_split(tmp_path: Path):
    affwild2(tmp_path)
    table = readers.read("affwild2", tmp_path)
    train = table[(table["split"] == "train") & (table["sequence"] == "a_left")]
    assert expressions(train) == [
        NA,
        "neutral",
        "anger",
        "disgust",
        "fear",
        "happiness",
        "sadness",
        "surprise",
        NA,
    ]
    assert np.isnan(train["valence"].iloc[0])
    assert train["arousal"].iloc[1] == -1
    assert train["valence"].iloc[2:].isna().all()  # the affect file is shorter
    assert train["image"].iloc[2] == "cropped_aligned/a_left/00003.jpg"
    assert train["image"].isna().tolist() == [False, True, False] + [True] * 6
    valid = table[(table["split"] == "validation") & (table["sequence"] == "a_left")]
    assert len(valid) == 2
    assert valid["AU01_present"].isna().tolist() == [True, False]
    assert valid["AU26_present"].iloc[1] == 1
    assert record.occurrence_only(table) == [1, 2, 26]
    assert train["AU01_present"].isna().all()
    assert len(table) == 12


def test_affwild2_frames_of_videos(tmp_path: Path):
    affwild2(tmp_path)
    table = readers.read("affwild2", tmp_path, images="video")
    train = table[(table["split"] == "train") & (table["sequence"] == "a_left")]
    assert train["image"].unique().tolist() == ["batch1/a.mp4"]
    assert train["frame"].tolist() == list(range(9))


@pytest.mark.parametrize(
    ("challenge", "text", "message"),
    [
        ("VA_Estimation_Challenge", "valence,arousal\n0,0\n0.5,-3\n", r"b\.txt:3: wanted -1 to 1"),
        ("VA_Estimation_Challenge", "arousal\n0\n", r"b\.txt:1: wanted valence,arousal"),
        ("VA_Estimation_Challenge", "", r"b\.txt:1: wanted a heading"),
        ("AU_Detection_Challenge", "AU1,AU2\n0,1\n1\n", r"b\.txt:3: wanted 2 codes, got 1"),
        ("AU_Detection_Challenge", "AU1,AU2\n0,x\n", r"b\.txt:2: .*'x'"),
    ],
)
def test_affwild2_damaged(tmp_path: Path, challenge: str, text: str, message: str):
    notes = affwild2(tmp_path)
    write(notes / challenge / "Validation_Set" / "b.txt", text)
    with pytest.raises(DamagedFileError, match=message):
        readers.read("affwild2", tmp_path)


def test_afewva(tmp_path: Path):
    points = [[x, x + 0.5] for x in range(68)]
    frames = {
        "00001": {"landmarks": points, "valence": 10.0, "arousal": -5.0},
        "00000": {"landmarks": points, "valence": -10.0, "arousal": 0.0},
    }
    clip = {"video_id": "001", "actor": "somebody", "frames": frames}
    path = write(tmp_path / "01" / "001" / "001.json", json.dumps(clip))
    table = readers.read("afewva", tmp_path)
    assert table["image"].tolist() == ["01/001/00000.png", "01/001/00001.png"]
    assert table["valence"].tolist() == [-1, 1]
    assert table["arousal"].tolist() == [0, -0.5]
    assert table["person"].unique().tolist() == ["somebody"]
    np.testing.assert_array_equal(table["landmarks"][0], points)
    frames["00000"]["valence"] = 11
    path.write_text(json.dumps(clip))
    with pytest.raises(DamagedFileError, match=r"001\.json, frame 00000: .*-10 to 10.*'11'"):
        readers.read("afewva", tmp_path)
    path.write_text('{"frames":\n {"00000": ')
    with pytest.raises(DamagedFileError, match=r"001\.json:2: not JSON") as error:
        readers.read("afewva", tmp_path)
    assert error.value.line == 2


def test_unknown_reader_and_folder(tmp_path: Path):
    with pytest.raises(KeyError, match="no reader named 'celeba'"):
        readers.read("celeba", tmp_path)
    with pytest.raises(MissingFileError, match="lfw: no folder of the dataset"):
        readers.read("lfw", tmp_path / "nowhere")


def test_table_refuses_what_is_no_label():
    make = record.make_table
    with pytest.raises(ValueError, match="expression is 'contempt'"):
        make("x", {"expression": ["anger", "contempt"]}, 2)
    with pytest.raises(ValueError, match=r"AU12 of row 1 is 1\.5, wanted 0 to 1"):
        make("x", {"AU12": [0, 1.5]}, 2)
    with pytest.raises(ValueError, match="unknown columns"):
        make("x", {"mood": [1]}, 1)
    table = make("x", {"AU12_present": [0, 1], "AU04": [np.nan, np.nan]}, 2)
    assert record.units_of(table) == [12]
