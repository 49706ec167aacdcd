"""Labelling: one row an image, whole parts, going on after a stop, provenance; and the teachers."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

cv2 = pytest.importorskip("cv2", reason="images need OpenCV")
pd = pytest.importorskip("pandas", reason="the readers' tables need pandas")
pytest.importorskip("pyarrow", reason="labels are Parquet")
pytest.importorskip("rich", reason="labelling shows a progress bar")

from models.training.datasets import readers, teacher_label_table, teacher_labels
from models.training.datasets.labeller import shown
from models.training.datasets.paths import data_dir, model_dir


def small_set(root: Path, count: int = 5) -> pd.DataFrame:
    for number in range(count):
        path = root / "lfw" / f"P{number}" / f"P{number}_0001.png"
        path.parent.mkdir(parents=True)
        cv2.imwrite(str(path), np.full((20, 30 + number, 3), 50, np.uint8))
    return readers.read("lfw", root)


def bare(table: pd.DataFrame, **changes) -> teacher_label_table.Settings:
    """Settings without teachers: what is tested here is what surrounds them."""
    settings = teacher_label_table.make_settings("lfw", table, [], 640)
    return teacher_label_table.Settings(**{**vars(settings), **changes})


def test_one_row_an_image_whatever_it_is(tmp_path: Path):
    table = small_set(tmp_path)
    (tmp_path / "lfw" / "P2" / "P2_0001.png").write_bytes(b"nothing")
    out = tmp_path / "out" / "labels.parquet"
    settings = bare(table)
    teacher_labels.label(tmp_path, table, settings, out, processes=2, part=2)
    said, provenance = teacher_label_table.read_labels(out)
    assert said["image"].tolist() == table["image"].tolist()
    assert said["person"].tolist() == table["person"].tolist()
    assert said["error"].notna().tolist() == [False, False, True, False, False]
    assert "P2_0001.png: not an image" in said["error"][2]
    assert said["width"].tolist()[3:] == [33, 34]
    assert provenance == vars(settings)
    assert list(out.parent.iterdir()) == [out]


def test_goes_on_after_a_stop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    table, out = small_set(tmp_path), tmp_path / "labels.parquet"
    settings = bare(table)
    with monkeypatch.context() as patch:
        patch.setattr(teacher_labels, "_join", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            teacher_labels.label(tmp_path, table, settings, out, part=2)
    parts = sorted((tmp_path / "labels.parquet.parts").iterdir())
    assert [p.name for p in parts] == ["000000.parquet", "000001.parquet", "000002.parquet"]
    parts[1].unlink()
    (parts[0].parent / "000001.77.working").write_bytes(b"half")
    # Were the finished parts made again, their images would be missed.
    for number in (0, 1, 4):
        (tmp_path / "lfw" / f"P{number}" / f"P{number}_0001.png").unlink()
    teacher_labels.label(tmp_path, table, settings, out, part=2)
    said, _ = teacher_label_table.read_labels(out)
    assert said["error"].isna().all()
    assert said["width"].tolist() == [30, 31, 32, 33, 34]
    assert not parts[0].parent.exists()


def test_parts_of_other_settings_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    table, out = small_set(tmp_path), tmp_path / "labels.parquet"
    with monkeypatch.context() as patch:
        patch.setattr(teacher_labels, "_join", lambda *_: None)
        teacher_labels.label(tmp_path, table, bare(table), out, part=2)
    with pytest.raises(ValueError, match=r"000000\.parquet: labelled with other settings"):
        teacher_labels.label(tmp_path, table, bare(table, detector_threshold=0.5), out, part=2)
    with pytest.raises(ValueError, match=r"other settings or images"):
        teacher_labels.label(tmp_path, table[:4], bare(table[:4]), out, part=2)
    with pytest.raises(ValueError, match=r"wanted 3 rows, got 2"):
        teacher_labels.label(tmp_path, table, bare(table), out, part=3)


@pytest.mark.parametrize(("size", "upscale"), [((250, 250), 1), ((48, 48), 4), ((1500, 1000), 1)])
def test_shown_to_detectors_and_back(size: tuple[int, int], upscale: int):
    settings = teacher_label_table.Settings("x", {}, 0.1, upscale, 0.0, 0.15, 0.15, 640, 0, "")
    image = np.zeros((*size, 3), np.uint8)
    image[size[0] // 2 :, size[1] // 2 :] = 255
    canvas, scale, place = shown(image, settings)
    assert canvas.shape[0] % 32 == canvas.shape[1] % 32 == 0
    assert max(canvas.shape) <= 640 * 1.3 + 32
    # The white quarter's corner, found on the canvas and carried back.
    rows, columns = np.nonzero((canvas > 200).all(2))
    corner = np.array([columns.min(), rows.min()], np.float32)
    back = (corner - place) / scale
    np.testing.assert_allclose(back, (size[1] / 2, size[0] / 2), atol=max(1, 1 / scale))


def test_teachers_files_are_those_the_teachers_open():
    pytest.importorskip("torch", reason="RetinaFace needs torch")
    pytest.importorskip("onnxruntime", reason="YuNet needs ONNX Runtime")
    from models.training.datasets import teacher_faces

    assert teacher_label_table.FILES["yunet"] == teacher_faces.YUNET
    assert teacher_label_table.FILES["retinaface"] == teacher_faces.RETINAFACE


def test_real_images(tmp_path: Path):
    """Three teachers agree on where the eyes of LFW's faces are."""
    try:
        root, models = data_dir(), model_dir()
        wanted = [root / "lfw.zip", *(models / name for name in teacher_label_table.FILES.values())]
        absent = [path for path in wanted if not path.exists()]
    except FileNotFoundError as error:
        absent = [error]
    if absent:
        reason = f"dataset or teachers not there: {absent[0]}"
        pytest.fail(reason) if os.environ.get("MIEN_REQUIRE_DATA") == "1" else pytest.skip(reason)
    for module in ("mediapipe", "torch", "onnxruntime"):
        pytest.importorskip(module, reason="the teachers need it")
    table = readers.read("lfw", root)[:4]
    settings = teacher_label_table.make_settings("lfw", table, list(teacher_label_table.FILES), 640)
    assert len(settings.teachers["mesh"]["sha256"]) == 64
    out = teacher_labels.label(root, table, settings, tmp_path / "labels.parquet", part=2)
    said, _ = teacher_label_table.read_labels(out)
    for row in said.itertuples():
        mesh = np.array(row.mesh).reshape(478, 3)
        eye = mesh[[33, 133], :2].mean(0)  # at the viewer's left
        assert len(row.blendshapes) == 52
        pose = np.array(row.pose).reshape(4, 4)
        np.testing.assert_allclose(np.linalg.det(pose[:3, :3]), 1, atol=0.05)
        for faces in (row.yunet, row.retinaface):
            points = np.stack(faces)[:, 5:7] - 0.5
            assert np.linalg.norm(points - eye, axis=1).min() < 8, row.image
