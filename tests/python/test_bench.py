"""The benchmarks still run, on a few frames and rows. How fast is no test's business."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from steps_extension import require_steps
from synthetic_tables import make_table

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))
pytest.importorskip("av")

from bench import chart, golden, run
from bench.clips import CODECS, Clips, encode
from bench.markdown import markdown
from bench.peers import interpreters
from bench.peers.contest import MIEN, MIEN_EVERY
from bench.rounds import compete
from bench.tables import suite
from bench.tables.synthetic import COLUMNS, SUBJECTS, long_table
from bench.workers import Contestant, WorkerError, processes_per_core


@pytest.fixture(scope="module")
def clips(tmp_path_factory) -> Clips:
    return Clips(tmp_path_factory.mktemp("clips"), quick=True)


@pytest.fixture(scope="module")
def contest(clips):
    """One round of mien in both modes, and OpenCV's read loop."""
    clip = clips.group(1)
    modes = {MIEN: "track", MIEN_EVERY: "every"}
    line_up = [
        Contestant(name, "mien_engine", clip, {"analyze": {"detect": mode}})
        for name, mode in modes.items()
    ]
    reading = Contestant("reading alone", "opencv_read", clip, pins=processes_per_core()[:1])
    return compete([*line_up, reading], rounds=1, ratios_of=(MIEN,))


def test_everybody_sees_every_frame(contest, clips):
    frames = clips.group(1).frames
    for contestant in contest["contestants"].values():
        assert contestant["clip"]["frames"] == frames
        assert contestant["median_fps"] > 0
        assert contestant["peak_mb"] > 1
    assert contest["contestants"][MIEN]["faces_per_frame"] == 1
    assert contest["contestants"]["reading alone"]["faces_per_frame"] == 0
    assert set(contest["ratios"][MIEN]) == {MIEN_EVERY, "reading alone"}


def test_ratio_is_that_of_the_rates_of_a_round(contest):
    ours, theirs = (contest["contestants"][n]["fps"][0] for n in (MIEN, "reading alone"))
    ratio = contest["ratios"][MIEN]["reading alone"]["median"]
    assert ratio == pytest.approx(ours / theirs, rel=0.01, abs=1e-3)


def test_worker_that_breaks_is_an_error_with_its_last_words(clips):
    broken = Contestant("broken", "mien_engine", clips.group(1), {"analyze": {"every": 0}})
    with pytest.raises(WorkerError, match=r"broken.*\n.*[\s\S]*OptionError"):
        compete([broken], rounds=1)


def test_worker_that_loses_frames_is_an_error(clips):
    half = Contestant("half", "mien_engine", clips.group(1), {"analyze": {"every": 2}})
    with pytest.raises(WorkerError, match="half: wanted 12 frames"):
        compete([half], rounds=1)


def test_clips_hold_what_they_say(clips):
    import av

    for clip, name in ((clips.one(320, 180), "h264"), (clips.group(0), "h264")):
        for path, frames in ((clip.path, clip.frames), (clip.short, clip.short_frames)):
            with av.open(str(path)) as container:
                stream = container.streams.video[0]
                times = [frame.time for frame in container.decode(stream)]
                size = stream.codec_context.width, stream.codec_context.height
            assert len(times) == frames
            assert np.allclose(np.diff(times), 1 / 30, atol=1e-3)
            assert size == (clip.about["width"], clip.about["height"])
            assert stream.codec_context.name == name == clip.about["codec"]


@pytest.mark.parametrize("codec", CODECS)
def test_every_codec_is_encoded(codec, tmp_path):
    import av
    from av.codec.codec import UnknownCodecError

    try:
        av.codec.Codec(CODECS[codec][0], "w")
    except UnknownCodecError:
        pytest.skip(f"PyAV {av.__version__} was built without {CODECS[codec][0]}")
    images = (np.full((64, 96, 3), 20 * i, np.uint8) for i in range(5))
    encode(tmp_path / "clip.mp4", images, (96, 64), codec)
    with av.open(str(tmp_path / "clip.mp4")) as container:
        assert sum(1 for _ in container.decode(video=0)) == 5


def test_tables_agree_with_their_plain_expressions(tmp_path):
    run.main(["table", "--quick", "--rows", "4000", "--rounds", "1", "--out", str(tmp_path)])
    result = json.loads((tmp_path / "table.json").read_text())
    assert set(result["operations"]) == {operation.name for operation in suite.OPERATIONS}
    assert result["columns"] == 200
    assert {"commit", "machine", "mien", "day"} <= set(result)
    assert "baseline" in markdown({"table": result})


def test_an_operation_that_differs_is_an_error():
    table = long_table(200)
    assert table.shape == (200, 5 + len(COLUMNS))
    assert table["subject"].nunique() == SUBJECTS
    wrong = suite.Operation("wrong", lambda t: t, lambda t: t[COLUMNS] + 1)
    with pytest.raises(AssertionError):
        suite.compare(wrong, table, rounds=1)


def test_micro(tmp_path):
    pytest.importorskip("pytest_benchmark", reason="pytest-benchmark isn't installed")
    require_steps()
    run.main(["micro", "--quick", "--out", str(tmp_path)])
    result = json.loads((tmp_path / "micro.json").read_text())
    assert "warp 640x360" in result["median_us"]
    for group, times in result["times_as_long_as_mien"].items():
        assert times, group
    assert "warp 640x360" in markdown({"micro": result})


@pytest.mark.parametrize("suffix", [".png", ".svg"])
def test_chart_and_tables(contest, suffix, tmp_path):
    result = {
        "rounds": 1,
        "quick": True,
        "commit": "0",
        "day": "2000-01-01",
        "mien": "0",
        "machine": {"cores": 1, "processor": "a processor"},
        "contests": {"one": contest},
        "skipped": {"somebody": "isn't here"},
    }
    (tmp_path / "peers.json").write_text(json.dumps(result))
    image = tmp_path / f"speed{suffix}"
    chart.main([str(tmp_path), "--image", str(image)])
    first = image.read_bytes()
    assert len(first) > 3000
    chart.draw(result, image)
    assert image.read_bytes() == first
    text = markdown({"peers": result})
    assert "768x512, one face" in text
    assert "somebody (isn't here)" in text
    assert "not figures" in text


def test_document_names_what_exists():
    text = (ROOT / "docs/benchmarks.md").read_text()
    modules = re.findall(r"python -m (bench[.\w]+)", text)
    assert set(modules) >= {"bench.run", "bench.chart"}
    for module in modules:
        assert importlib.util.find_spec(module), module
    named = set(re.findall(r"`(MIEN_BENCH_\w+)`", text))
    peers = (interpreters.FACE_LANDMARKER, interpreters.FACE_MESH, interpreters.PY_FEAT)
    assert named == {peer.variable for peer in peers}
    rows = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    assert set(run.PARTS) <= set(rows)


@pytest.mark.parametrize("peer", [interpreters.FACE_LANDMARKER, interpreters.FACE_MESH])
def test_peer(peer, clips):
    """Runs where its environment is named, as on machines that make the figures."""
    python = peer.python()
    if python is None:
        pytest.skip(peer.reason)
    from bench.peers import contest

    skipped: dict[str, str] = {}
    of_it = [c for c in contest.peers_for(clips.one(), skipped) if c.name == peer.name]
    if not of_it:
        pytest.skip(skipped[peer.name])
    found = compete(of_it, rounds=1)["contestants"][peer.name]
    assert found["faces_per_frame"] == 1


class TestGolden:
    def save(self, folder: Path, **changes: object) -> Path:
        """A folder with the tables of one case."""
        folder.mkdir()
        table = make_table().assign(**changes)
        np.savez(folder / "clip.npz", **golden.arrays(table))
        return folder

    def test_equal_tables(self, tmp_path, capsys):
        folders = [self.save(tmp_path / name) for name in ("a", "b")]
        assert golden.compare(*folders) == []
        assert capsys.readouterr().out == "1 tables, 0 differences\n"

    def test_one_bit(self, tmp_path):
        first = self.save(tmp_path / "a")
        column = make_table()["AU12"]
        second = self.save(tmp_path / "b", AU12=np.nextafter(column, np.float32(2)))
        assert golden.compare(first, second) == ["clip.npz: AU12"]
        with pytest.raises(SystemExit, match="1"):
            golden.main(["compare", str(first), str(second)])

    def test_columns_types_and_cases(self, tmp_path):
        first = self.save(tmp_path / "a")
        column = make_table()["AU12"].astype("float64")
        assert golden.compare(first, self.save(tmp_path / "b", AU12=column)) == ["clip.npz: AU12"]
        more = self.save(tmp_path / "c", extra=1)
        assert golden.compare(first, more) == ["clip.npz: other columns or another order"]
        (more / "clip.npz").rename(more / "other.npz")
        assert golden.compare(first, more) == [
            "clip.npz: only in one of the folders",
            "other.npz: only in one of the folders",
        ]
