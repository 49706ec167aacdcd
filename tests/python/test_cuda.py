"""The CUDA path end to end, against the CPU's: the same faces, the same numbers up to rounding.

Runs on a GPU, or where the extension was built with MIEN_CUDA=EMULATED, which runs the kernels
on the CPU.
"""

from __future__ import annotations

import shutil

import numpy as np
import pandas as pd
import pytest

import mien

pytestmark = pytest.mark.cuda

# Emulated kernels give the CPU's very bits. A GPU's networks sum in another order, and round
# elsewhere.
LIMITS = {"faceboxes": 0.5, "landmarks": 0.5, "poses": 0.02, "gazes": 0.02}  # pixels, radians
LIMITS |= {"aus": 0.03, "emotions": 0.03, "affect": 0.03}


@pytest.fixture(scope="module")
def pack(tmp_path_factory) -> mien.Pack:
    """The default pack without forms for GPUs: the same networks on both paths."""
    default = mien.load_pack()
    folder = tmp_path_factory.mktemp("packs") / "plain"
    folder.mkdir()
    for path in (default.detector, default.behaviour):
        shutil.copy(path, folder / path.name)
    text, keep = [], True
    for line in (default.path / "pack.toml").read_text().splitlines():
        if line.startswith("["):
            keep = not line.endswith("fp16]")
        if keep:
            text.append(line)
    (folder / "pack.toml").write_text("\n".join(text) + "\n")
    return mien.load_pack(folder)


@pytest.fixture(scope="module")
def cpu(pack) -> mien.Engine:
    return mien.Engine(pack, device="cpu", threads=2)


@pytest.fixture(scope="module")
def gpu(pack, cuda) -> mien.Engine:
    return mien.Engine(pack, device=cuda, threads=2, batch_size=8)


@pytest.fixture(scope="module")
def clip(portrait) -> np.ndarray:
    """A face that wanders, a frame without one, two faces: (24, 256, 320, 3)."""
    face = np.ascontiguousarray(portrait[32:288:2, 96:352:2])  # (128, 128, 3)
    frames = np.full((24, 256, 320, 3), 90, np.uint8)
    for i, frame in enumerate(frames):
        if i != 11:
            frame[60 + i : 188 + i, 40 + 2 * i : 168 + 2 * i] = face
        if i >= 16:
            frame[100:228, 190:318] = face[:, ::-1]
    return frames


@pytest.fixture(scope="module")
def alike(cuda_is_emulated):
    """Asserts that two tables say the same."""

    def check(ours: pd.DataFrame, theirs: mien.FaceTable) -> None:
        for name in ("face", "track", "status", "FrameWidth", "FrameHeight"):
            assert list(ours[name].fillna(-1)) == list(theirs[name].fillna(-1)), name
        assert np.array_equal(ours["time"], theirs["time"], equal_nan=True)
        for group, limit in LIMITS.items():
            names = list(getattr(theirs, group))
            a, b = ours[names].to_numpy(np.float64), theirs[names].to_numpy(np.float64)
            assert np.array_equal(np.isnan(a), np.isnan(b)), group
            assert np.nanmax(np.abs(a - b), initial=0) <= (0 if cuda_is_emulated else limit), group

    return check


def test_the_engine_says_where_it_runs(gpu, cuda):
    assert gpu.provider == cuda
    assert gpu.options["device"] == cuda


def test_auto_never_means_the_emulator(cuda_is_emulated):
    if cuda_is_emulated:
        assert mien.Engine().provider == "cpu"


@pytest.mark.parametrize("detect", ["every", "track"])
def test_a_clip_gives_the_rows_of_the_cpu(cpu, gpu, clip, alike, detect):
    ours = gpu.analyze(clip, detect=detect, fps=25)
    theirs = cpu.analyze(clip, detect=detect, fps=25)
    assert (theirs.status == "no_face").any()
    assert (theirs.face == 1).any()
    alike(ours, theirs)


def test_a_video_gives_the_rows_of_the_cpu(cpu, gpu, media, alike):
    path = media("single_face.mp4")
    alike(gpu.analyze(path), cpu.analyze(path))


@pytest.mark.parametrize("detect", ["every", "track"])
def test_batches_and_threads_change_nothing(pack, cuda, gpu, clip, alike, detect):
    one = mien.Engine(pack, device=cuda, threads=1, batch_size=1)
    alike(one.analyze(clip, detect=detect, fps=25), gpu.analyze(clip, detect=detect, fps=25))


def test_frame_by_frame_gives_the_rows_of_the_clip(gpu, clip, alike):
    gpu.reset()
    parts = [gpu.analyze_frame(frame, time=i / 25, detect="every") for i, frame in enumerate(clip)]
    whole = gpu.analyze(clip, detect="every", fps=25)
    alike(pd.concat([part.assign(input="0") for part in parts], ignore_index=True), whole)


def test_images_of_many_sizes_share_a_run(cpu, gpu, portrait, alike):
    images = [portrait, portrait[:400], portrait[:, :333], portrait[::2, ::2], portrait]
    alike(gpu.analyze(images), cpu.analyze(images))


def test_the_profile_names_what_the_device_waited_for(pack, cuda, clip):
    engine = mien.Engine(pack, device=cuda, threads=1, profile=True)
    engine.analyze(clip, fps=25)
    steps = engine.step_times()
    assert {"upload", "letterbox", "detect", "warp", "behaviour", "readout"} <= set(steps.index)
    assert steps.loc["upload", "calls"] >= 1
