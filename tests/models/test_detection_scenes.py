"""Scenes: archives, teachers' merged faces, labels, composites, metrics; on tiny archives."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

cv2 = pytest.importorskip("cv2", reason="needs OpenCV")
pytest.importorskip("torch", reason="needs PyTorch")
pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")

from models.training.datasets import lights, scene_placement, smileys, teacher_scenes
from models.training.datasets.detection_scenes import Scene, Scenes
from models.training.datasets.faces import Dataset
from models.training.datasets.scene_composer import SceneComposer
from models.training.datasets.scene_labels import faces_of, in_training, is_held_out, pair
from models.training.datasets.teacher_faces import merged_looks
from models.training.train.detection_tally import Tally

NAMES = 12
POINTS = np.array([30, 40, 50, 40, 40, 50, 32, 60, 48, 60], np.float32)


def seen(score: float, box: list[float]) -> np.ndarray:
    return np.r_[score, box, POINTS].astype(np.float32)[None]


def write(
    folder: Path, archive: str, lines: list[dict[str, object]] | None, files: list[str]
) -> None:
    rng = np.random.default_rng(len(files))
    with zipfile.ZipFile(folder / f"{archive}.zip", "w") as opened:
        for name in files:
            image = rng.integers(0, 256, (90, 120, 3), np.uint8)
            opened.writestr(name, cv2.imencode(".png", image)[1].tobytes())
        if lines is not None:
            opened.writestr("labels.jsonl", "\n".join(map(json.dumps, lines)))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with three archives, and an empty cache."""
    detection = tmp_path / "data" / "detection"
    detection.mkdir(parents=True)
    (tmp_path / "cache").mkdir()
    monkeypatch.setenv("MIEN_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("MIEN_CACHE", str(tmp_path / "cache"))
    names = [f"{n}.png" for n in range(NAMES)]
    drawn = [{"file": n, "set": "s", "boxes": [[20, 30, 40, 40, "face"]]} for n in names]
    write(detection, "train", drawn, names)
    uses = [{"file": n, "source": "pets", "use": "animal", "yunet_max": 0.9} for n in names]
    write(detection, "negatives", uses, names)
    write(detection, "people", None, names)
    return detection


@pytest.mark.usefixtures("folder")
def test_archives_say_what_is_drawn() -> None:
    train = Scenes("train")
    scene, image = next(iter(train))
    assert len(train) == NAMES
    assert image.shape == (90, 120, 3)
    assert scene.classes == ("face",)
    assert scene.use == "train"
    np.testing.assert_array_equal(scene.boxes, [[20, 30, 60, 70]])
    assert {scene.use for scene in Scenes("negatives").scenes} == {"animal"}
    assert {len(scene.boxes) for scene in Scenes("people").scenes} == {0}


def test_archives_refuse_what_they_cannot_read(folder: Path) -> None:
    with pytest.raises(ValueError, match="archive: wanted one of"):
        Scenes("private")
    with pytest.raises(FileNotFoundError, match=r"public\.zip"):
        Scenes("public")
    write(folder, "public", [{"file": "0.png", "boxes": [[1, 2, 3]]}], ["0.png"])
    with pytest.raises(ValueError, match=r"0\.png: boxes"):
        Scenes("public")


def test_mirror_turns_points_too() -> None:
    once = teacher_scenes.mirror(seen(0.9, [20, 30, 60, 70]), 100)
    np.testing.assert_allclose(once[0, 1:5], [40, 30, 80, 70])
    np.testing.assert_allclose(once[0, 5:7], [50, 40])  # the other eye, mirrored
    np.testing.assert_allclose(
        teacher_scenes.mirror(once, 100)[0, 1:], seen(1, [20, 30, 60, 70])[0, 1:]
    )


def test_views_of_a_scaled_mirror_image_come_back() -> None:
    def teacher(images: np.ndarray) -> list[np.ndarray]:
        assert images.shape == (1, 192, 320, 3)
        return [seen(0.8, [20, 30, 60, 70])]

    image = np.zeros((90, 160, 3), np.uint8)
    plain = teacher_scenes.view(teacher, image, 320, mirrored=False)
    np.testing.assert_allclose(plain[0, 1:5], [10, 15, 30, 35])
    turned = teacher_scenes.view(teacher, image, 320, mirrored=True)
    np.testing.assert_allclose(turned[0, 1:5], [130, 15, 150, 35])


def test_merged_looks_keep_the_best_of_each_face() -> None:
    coarse = np.concatenate([seen(0.9, [20, 30, 60, 70]), seen(0.5, [200, 30, 240, 70])])
    fine = np.concatenate([seen(0.8, [21, 30, 61, 70]), seen(0.7, [100, 30, 140, 70])])
    merged = merged_looks([coarse, fine], 0.4)
    np.testing.assert_allclose(merged[:, 0], [0.9, 0.7, 0.5], rtol=1e-6)
    np.testing.assert_array_equal(merged_looks([fine], 0.4), fine)


def test_merged_score_is_the_mean_over_all_views() -> None:
    views = [
        seen(0.9, [20, 30, 60, 70]),
        seen(0.6, [21, 31, 61, 71]),
        np.zeros((0, 15), np.float32),
    ]
    merged = teacher_scenes.merge(views)
    assert merged.shape == (1, 15)
    assert merged[0, 0] == pytest.approx(0.5)
    np.testing.assert_allclose(merged[0, 1:5], [20.4, 30.4, 60.4, 70.4], rtol=1e-5)
    apart = teacher_scenes.merge([seen(0.9, [0, 0, 9, 9]), seen(0.9, [50, 50, 59, 59])])
    assert len(apart) == 2
    assert teacher_scenes.merge([views[2]]).shape == (0, 15)


@pytest.mark.usefixtures("folder")
def test_teacher_cache_round_trip() -> None:
    with pytest.raises(FileNotFoundError, match="teacher_scenes train"):
        teacher_scenes.load("train")
    teacher_scenes.build("train", lambda image: seen(float(image[0, 0, 0] > 0), [0, 0, 9, 9]))
    loaded = teacher_scenes.load("train")
    assert set(loaded) == {f"{n}.png" for n in range(NAMES)}
    assert loaded["0.png"].shape == (1, 15)


def labelled(source: str, boxes: list[list[float]], *faces: np.ndarray) -> np.ndarray:
    drawn = np.array(boxes, np.float32).reshape(-1, 4)
    none = np.zeros((0, 15), np.float32)
    return faces_of(Scene("a", source, "train", drawn), np.concatenate([none, *faces]))


def test_drawn_and_seen_faces_meet_in_the_middle() -> None:
    faces = labelled("s", [[20, 30, 60, 70]], seen(0.9, [24, 34, 64, 74]))
    np.testing.assert_allclose(faces[0, :5], [1, 22, 32, 62, 72])
    np.testing.assert_allclose(faces[0, 5:15], POINTS)


def test_faces_of_one_side_only() -> None:
    drawn = labelled("s", [[20, 30, 60, 70]])
    assert drawn[0, 0] == 1
    assert np.isnan(drawn[0, 5:15]).all()
    sure, doubtful, nothing = (seen(s, [80, 30, 99, 60]) for s in (0.9, 0.3, 0.1))
    assert labelled("s", [], sure)[0, 0] == 1
    assert labelled("s", [], doubtful)[0, 0] == 0
    assert len(labelled("s", [], nothing)) == 0


def test_heads_are_tightened_or_doubtful() -> None:
    face = seen(0.9, [20, 40, 50, 75])
    np.testing.assert_allclose(labelled("cym567", [[10, 10, 60, 80]], face)[0, 1:5], face[0, 1:5])
    assert labelled("cym567", [[10, 10, 60, 80]])[0, 0] == 0


def test_animals_have_no_faces() -> None:
    scene = Scene("a", "pets", "animal", np.zeros((0, 4), np.float32))
    assert len(faces_of(scene, seen(0.9, [0, 0, 9, 9]))) == 0


def test_pairs_are_one_to_one() -> None:
    drawn = np.array([[0, 0, 10, 10], [1, 1, 11, 11]], np.float32)
    assert pair(drawn, drawn[:1], 0.3).tolist() == [0, -1]
    assert pair(drawn, drawn[::-1], 0.3).tolist() == [1, 0]


def test_average_precision_and_recall() -> None:
    found = Tally()
    faces = np.concatenate([seen(0.9, [0, 0, 10, 10]), seen(0.8, [50, 50, 60, 60])])
    faces = np.concatenate([faces, seen(0.7, [20, 0, 30, 10]), seen(0.6, [0, 0, 10, 10])])
    drawn = np.array([[0, 0, 10, 10], [20, 0, 30, 10]], np.float32)
    found.add(faces, drawn, np.zeros((0, 4), np.float32))
    assert found.average_precision() == pytest.approx((1 + 2 / 3) / 2)
    assert (found.recall(0.75), found.recall(0.5)) == (0.5, 1.0)
    assert found.false_boxes(0.5) == 2
    assert found.recall(found.threshold_at(0)) == 0.5
    assert found.recall(found.threshold_at(1)) == 1.0


def test_detections_on_ignored_places_count_for_nothing() -> None:
    found = Tally()
    place = np.array([[50, 50, 60, 60]], np.float32)
    found.add(seen(0.9, [50, 50, 60, 60]), np.zeros((0, 4), np.float32), place)
    assert found.false_boxes(0.1) == 0


def teacher_of_one(image: np.ndarray) -> np.ndarray:
    assert image.ndim == 3
    return seen(0.9, [22, 32, 60, 70])


@pytest.fixture
def composer(folder: Path) -> SceneComposer:
    assert folder.is_dir()
    for archive in ("train", "people"):
        teacher_scenes.build(archive, teacher_of_one)
    head = np.r_[1, 60, 60, 140, 160, np.tile([100, 100], 5), 0.9].astype(np.float32)[None]
    images = np.random.default_rng(0).integers(0, 256, (3, 250, 250, 3), np.uint8)
    return SceneComposer(Dataset("lfw", images, [head, head, head[:0]]))


def test_composites_are_a_function_of_the_seed(composer: SceneComposer) -> None:
    sure = 0
    for seed in range(20):
        image, faces = composer.compose(np.random.default_rng(seed), 96, 128)
        again, same = composer.compose(np.random.default_rng(seed), 96, 128)
        np.testing.assert_array_equal(image, again)
        np.testing.assert_array_equal(faces, same)
        assert image.shape == (96, 128, 3)
        assert image.dtype == np.uint8
        assert (faces[:, 1:5] >= 0).all()
        assert (faces[:, 1:5] <= [128, 96, 128, 96]).all()
        sure += int((faces[:, 0] == 1).sum())
    assert sure > 10


def test_no_composite_comes_from_a_held_out_photograph(composer: SceneComposer) -> None:
    rows = {
        name: [part._scenes.scenes[row].file for row in part._rows]
        for name, part in composer._archives.items()
    }
    assert not any(is_held_out(file) for file in rows["train"])
    assert all(in_training(file) for file in rows["negatives"])


def test_placement_fills_the_composite() -> None:
    matrix = np.array([[2.0, 0, 30], [0, 2.0, -300]])
    moved = scene_placement.filling(matrix, (100, 100), (64, 128))
    low, high = moved[:, 2], moved[:, :2] @ (100, 100) + moved[:, 2]
    assert (low <= 0).all()
    assert (high >= (128, 64)).all()


def test_relight_keeps_shape_and_swaps_channels() -> None:
    image = np.random.default_rng(0).integers(0, 256, (8, 9, 3), np.uint8)
    for seed in range(30):
        lit = lights.relight(np.random.default_rng(seed), image)
        assert lit.shape == image.shape
        assert lit.dtype == np.uint8


def test_smileys_are_painted() -> None:
    page = smileys.page(np.random.default_rng(3), 60, 80)
    assert page.shape == (60, 80, 3)
    assert len(np.unique(page)) > 2
