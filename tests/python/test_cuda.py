"""The CUDA path end to end, against the CPU's: the same faces, the same numbers up to rounding.

Runs on a GPU, or where the extension was built with MIEN_CUDA=HOST, which carries the kernels out on the host.
"""

from __future__ import annotations

import shutil

import numpy as np
import pytest

import mien

pytestmark = pytest.mark.cuda

# Of one network on either path, the differences are of the arithmetic around it: these are wide for that on the host,
# and leave room for a GPU's own sums.
PIXELS = 0.5
RADIANS = 0.02
UNITS = 0.03


@pytest.fixture(scope="module")
def pack(tmp_path_factory) -> mien.Pack:
    """The default pack without forms for GPUs: the same networks on both paths."""
    default = mien.load_pack()
    folder = tmp_path_factory.mktemp("packs") / "plain"
    folder.mkdir()
    for path in (default.localization, default.behaviour):
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


def test_the_engine_says_where_it_runs(gpu, cuda):
    assert gpu.provider == cuda
    assert gpu.options["device"] == cuda


def test_auto_never_means_the_host_in_disguise(host_is_gpu):
    if host_is_gpu:
        assert mien.Engine().provider == "cpu"


@pytest.mark.parametrize("detect", ["every", "track"])
def test_a_clip_gives_the_rows_of_the_cpu(cpu, gpu, clip, detect):
    ours = gpu.analyze(clip, detect=detect, fps=25)
    theirs = cpu.analyze(clip, detect=detect, fps=25)
    assert (theirs.status == "no_face").any()
    assert (theirs.face == 1).any()
    assert_alike(ours, theirs)


def test_a_video_gives_the_rows_of_the_cpu(cpu, gpu, media):
    path = media("single_face.mp4")
    assert_alike(gpu.analyze(path), cpu.analyze(path))


@pytest.mark.parametrize("detect", ["every", "track"])
def test_batches_and_threads_change_nothing(pack, cuda, gpu, clip, detect):
    one = mien.Engine(pack, device=cuda, threads=1, batch_size=1)
    assert_alike(one.analyze(clip, detect=detect, fps=25), gpu.analyze(clip, detect=detect, fps=25))


def test_frame_by_frame_gives_the_rows_of_the_clip(gpu, clip):
    gpu.reset()
    parts = [gpu.analyze_frame(frame, time=i / 25) for i, frame in enumerate(clip[:6])]
    whole = gpu.analyze(clip[:6], detect="every", fps=25)
    assert sum(map(len, parts)) == len(whole)
    for name in ("FaceRectX", "AU12", "x_30"):
        got = np.concatenate([part[name].to_numpy(np.float64) for part in parts])
        assert np.allclose(got, whole[name].to_numpy(np.float64), atol=PIXELS, equal_nan=True)


def test_pictures_of_many_sizes_share_a_run(cpu, gpu, portrait):
    pictures = [portrait, portrait[:400], portrait[:, :333], portrait[::2, ::2], portrait]
    assert_alike(gpu.analyze(pictures), cpu.analyze(pictures))


def test_the_profile_names_what_the_device_waited_for(pack, cuda, clip):
    engine = mien.Engine(pack, device=cuda, threads=1, profile=True)
    engine.analyze(clip, fps=25)
    steps = engine.step_times()
    assert {"upload", "letterbox", "localize", "warp", "behaviour", "readout"} <= set(steps.index)
    assert steps.loc["upload", "calls"] >= 1


def assert_alike(ours: mien.FaceTable, theirs: mien.FaceTable) -> None:
    for name in ("frame", "face", "track", "status", "FrameWidth", "FrameHeight"):
        assert list(ours[name].fillna(-1)) == list(theirs[name].fillna(-1)), name
    assert np.array_equal(ours["time"], theirs["time"], equal_nan=True)
    limits = {"faceboxes": PIXELS, "landmarks": PIXELS, "poses": RADIANS, "gaze": RADIANS}
    limits |= {"aus": UNITS, "emotions": UNITS, "affect": UNITS}
    for group, limit in limits.items():
        a = getattr(ours, group).to_numpy(np.float64)
        b = getattr(theirs, group).to_numpy(np.float64)
        assert a.shape == b.shape
        assert np.array_equal(np.isnan(a), np.isnan(b)), group
        assert np.nanmax(np.abs(a - b), initial=0) <= limit, group
