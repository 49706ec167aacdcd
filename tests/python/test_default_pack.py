"""What the default pack must do, through the whole engine, on real media; an independent detector
(YuNet) says where faces are.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

import mien
from mien.media.images import read_image

PHOTOGRAPHS = (
    "0-f1-su-ph.jpg",
    "0-f15-hao-ph.jpg",
    "15-f13-anc-ph.jpg",
    "45-m7-di-ph.jpg",
    "single_face.jpg",
)


@pytest.fixture(scope="module")
def yunet() -> cv2.FaceDetectorYN:
    beside = Path(__file__).parents[3] / "shared" / "models"
    folder = Path(os.environ.get("MIEN_MODEL_DIR", beside))
    path = folder / "yunet_n_dynamic.onnx"
    if not path.exists():
        reason = f"YuNet is not there: wanted {path} (set MIEN_MODEL_DIR)"
        pytest.fail(reason) if os.environ.get("MIEN_REQUIRE_DATA") == "1" else pytest.skip(reason)
    return cv2.FaceDetectorYN.create(str(path), "", (320, 320), score_threshold=0.6)


def _largest(yunet: cv2.FaceDetectorYN, rgb: np.ndarray) -> np.ndarray:
    """YuNet's largest box at a longer side of 640: x, y, width, height."""
    scale = 640 / max(rgb.shape[:2])
    small = cv2.resize(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), None, fx=scale, fy=scale)
    yunet.setInputSize((small.shape[1], small.shape[0]))
    _, faces = yunet.detect(small)
    assert faces is not None, "YuNet finds no face here"
    return faces[np.argmax(faces[:, 2] * faces[:, 3]), :4] / scale


def _overlap(a: np.ndarray, b: np.ndarray) -> float:
    """Intersection over union of two boxes."""
    low = np.maximum(a[:2], b[:2])
    high = np.minimum(a[:2] + a[2:], b[:2] + b[2:])
    shared = np.prod(np.clip(high - low, 0, None))
    return float(shared / (np.prod(a[2:]) + np.prod(b[2:]) - shared))


def _boxes(table: mien.FaceTable) -> np.ndarray:
    return table.faceboxes.to_numpy(float)[:, :4]


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_the_main_face_of_a_photograph_is_found(engine, media, yunet, name) -> None:
    path = media(name)
    wanted = _largest(yunet, read_image(path))
    assert max(_overlap(box, wanted) for box in _boxes(engine.analyze(path))) >= 0.5


def test_the_face_is_found_in_every_frame(engine, media, yunet) -> None:
    path = media("single_face.mp4")
    table = engine.analyze(path)
    assert table["frame"].tolist() == list(range(72))
    for box, frame in zip(_boxes(table), mien.read_frames(path), strict=True):
        assert _overlap(box, _largest(yunet, frame.rgb)) >= 0.5, frame.index


@pytest.mark.parametrize("name", ["no_face.mp4", "free-mountain-vector-01.jpg"])
def test_no_face_is_invented(engine, media, name) -> None:
    assert set(engine.analyze(media(name))["status"]) == {"no_face"}


def test_a_smile_reads_as_one(engine, media) -> None:
    names = ("0-f15-hao-ph.jpg", "single_face.jpg", "15-f13-anc-ph.jpg", "0-f1-su-ph.jpg")
    rows = [engine.analyze(media(name)).iloc[0] for name in names]
    smiling, others = rows[:2], rows[2:]
    for column in ("AU12", "happiness", "valence"):
        assert min(row[column] for row in smiling) > max(row[column] for row in others) + 0.2


def test_a_clip_turns_from_neutral_to_smiling(engine, media) -> None:
    table = engine.analyze(media("single_face.mp4"))
    before, after = table[table["time"] < 0.4], table[table["time"].between(1.0, 2.25)]
    assert after["AU12"].min() > before["AU12"].max()
    assert after["happiness"].min() > before["happiness"].max()
    assert before["neutral"].min() > after["neutral"].max()
    assert table["neutral"].iloc[-1] > after["neutral"].max()  # the smile is gone in the last frame


def test_a_mirror_swaps_sides_and_signs(engine, media) -> None:
    """Yaw, Roll and gaze change sign in a mirrored image, Pitch does not, and a turned one adds to
    Roll.
    """
    rgb = read_image(media("15-f13-anc-ph.jpg"))
    plain, mirrored = (engine.analyze(p).iloc[0] for p in (rgb, rgb[:, ::-1]))
    assert abs(plain["Yaw"] + mirrored["Yaw"]) < 0.12
    assert abs(plain["Roll"] + mirrored["Roll"]) < 0.08
    assert abs(plain["Pitch"] - mirrored["Pitch"]) < 0.08
    height, width = rgb.shape[:2]
    # OpenCV turns counter-clockwise: the top of the head goes to the viewer's left, the subject's
    # right.
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 15, 1)
    turned = engine.analyze(cv2.warpAffine(rgb, turn, (width, height))).iloc[0]
    assert abs(turned["Roll"] - plain["Roll"] - np.radians(15)) < 0.08


def test_the_files_for_a_gpu_say_what_those_for_a_cpu_say(engine, media, tmp_path) -> None:
    """The fp16 networks, here on the CPU: the same faces, and values as far off as INT8 is from
    fp32.
    """
    shipped = mien.load_pack(device="cuda")
    lines = ['format = 1\nname = "half"\nversion = "1"\nlicense = "as the default pack"']
    for role, file in (("localization", shipped.detector), ("behaviour", shipped.behaviour)):
        path = shutil.copy(file, tmp_path)
        lines.append(f'[{role}]\nfile = "{Path(path).name}"\nsha256 = "{shipped.sha256[role]}"')
    (tmp_path / "pack.toml").write_text("\n".join(lines))
    half = mien.Engine(tmp_path, device="cpu", threads=2)
    assert half.columns == engine.columns
    assert half.options == engine.options
    paths = [media(name) for name in (*PHOTOGRAPHS, "no_face.mp4")]
    wanted, got = (e.analyze(paths, detect=None) for e in (engine, half))
    assert got["status"].tolist() == wanted["status"].tolist()
    faces = wanted["status"] == "ok"
    sides = wanted[["FaceRectWidth", "FaceRectHeight"]].max(axis=1)[faces].to_numpy()
    for group, limit in (("faceboxes", 0.05), ("landmarks", 0.05)):
        moved = getattr(got, group)[faces] - getattr(wanted, group)[faces]
        assert (
            moved.drop(columns="FaceScore", errors="ignore").abs().max(axis=1) / sides < limit
        ).all()
    for group, limit in (("emotions", 0.2), ("aus", 0.2), ("affect", 0.2), ("poses", 0.1)):
        moved = getattr(got, group)[faces] - getattr(wanted, group)[faces]
        assert moved.abs().to_numpy().max() < limit
