"""How fast a clip is analysed, and step by step."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

import mien
from mien import EngineOptions, OptionError
from mien.benchmark import measure
from mien.cli import app

PROFILED = EngineOptions(device="cpu", threads=2, profile=True)


@pytest.fixture(scope="module")
def clip(tmp_path_factory, portrait):
    av = pytest.importorskip("av", reason="clips are written with PyAV")
    path = tmp_path_factory.mktemp("speed") / "clip.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 512, 512, "yuv420p"
        for _ in range(12):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(portrait, format="rgb24")))
        container.mux(stream.encode())
    return path


def test_rounds_are_counted(clip):
    speed = measure(clip, options=EngineOptions(device="cpu", threads=2), rounds=3)
    assert (speed.frames, speed.faces) == (12, 12)
    assert len(speed.rates) == len(speed.core_ms) == 3
    assert min(speed.rates) <= speed.rate <= max(speed.rates)
    assert speed.steps is None


@pytest.mark.parametrize(("detect", "localized"), [("every", 24), ("track", 4)])
def test_steps_share_a_frames_time(clip, detect, localized):
    """Two rounds of twelve frames: tracking detects in two of each, and describes a face found anew
    twice.
    """
    speed = measure(clip, options=PROFILED, rounds=2, detect=detect)
    steps = speed.steps
    assert steps["share"].sum() == pytest.approx(1)
    assert steps.loc["letterbox", "calls"] == localized
    assert steps.loc["warp", "calls"] == (24 if detect == "every" else 28)
    assert (steps.loc[["decode", "warp", "behaviour"], "core_ms"] > 0).all()
    assert steps.loc["warp", "us"] == pytest.approx(
        1000 * 24 * steps.loc["warp", "core_ms"] / steps.loc["warp", "calls"]
    )


def test_pixels_and_networks_allocate_nothing_once_warm(clip):
    """`measure` leaves the first round out, which makes the bindings."""
    steps = measure(clip, options=PROFILED, rounds=2).steps
    heap = steps["allocations"]
    assert (heap[["letterbox", "detect", "warp", "behaviour"]] == 0).all()
    assert 0 < heap["decode_faces"] < 100  # counting works
    assert heap["readout"] < 20


def test_on_the_command_line(clip):
    done = CliRunner().invoke(app, ["bench", str(clip), "--rounds", "1", "--profile"])
    assert done.exit_code == 0, done.output
    assert "12 frames, 12 faces" in done.output
    assert "behaviour" in done.output


def test_what_can_not_be(clip, tmp_path):
    with pytest.raises(OptionError, match="rounds"):
        measure(clip, rounds=0)
    with pytest.raises(mien.InputError):
        measure(tmp_path / "none.mp4")
    assert CliRunner().invoke(app, ["bench", str(tmp_path / "none.mp4")]).exit_code == 1
