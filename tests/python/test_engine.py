"""Whatever comes in goes through the same engine and gives the same rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import mien
from mien import FaceTable, InputError, OptionError, _core, schema

HAS_FFMPEG = bool(_core.video_decoder_version())
needs_ffmpeg = pytest.mark.skipif(not HAS_FFMPEG, reason="built without FFmpeg")


def same_rows(got: pd.DataFrame, wanted: pd.DataFrame, leave_out: tuple[str, ...] = ()) -> None:
    """Bit for bit, whatever the index."""
    got = got.drop(columns=list(leave_out)).reset_index(drop=True)
    wanted = wanted.drop(columns=list(leave_out)).reset_index(drop=True)
    pd.testing.assert_frame_equal(got, wanted, check_exact=True)


@pytest.fixture(scope="session")
def clip(portrait):
    """Ten frames (T, H, W, 3) of a portrait that moves; frame 4 is black."""
    frames = np.stack([np.roll(portrait[:360, :480], 4 * i, axis=1) for i in range(10)])
    frames[4] = 0
    return frames


@pytest.fixture(scope="session")
def clip_table(engine, clip):
    return engine.analyze(clip, fps=25)


class TestArrays:
    def test_a_clip(self, clip_table):
        assert type(clip_table) is FaceTable
        assert sorted(clip_table.frame.unique()) == list(range(10))
        np.testing.assert_allclose(clip_table.time, clip_table.frame / 25, rtol=0, atol=1e-12)
        assert set(clip_table.input) == {"0"}
        assert list(clip_table.columns[:6]) == list(schema.INDEX_COLUMNS)
        assert list(clip_table[clip_table.frame == 4].status) == ["no_face"]
        assert (clip_table.status == "ok").sum() >= 1
        assert set(clip_table.FrameWidth) == {480.0}

    def test_types_do_not_depend_on_content(self, engine, clip_table):
        nobody = engine.analyze(np.zeros((64, 64, 3), np.uint8))
        pd.testing.assert_series_equal(nobody.dtypes, clip_table.dtypes)

    def test_an_image_has_no_time_unless_told(self, engine, portrait):
        assert engine.analyze(portrait).time.isna().all()
        assert (engine.analyze(portrait, fps=25).time == 0).all()
        assert (engine.analyze(portrait, times=[7.5]).time == 7.5).all()

    def test_a_list_of_images_is_independent(self, engine, portrait):
        """Each is frame 0 of its own input with tracks from 0, as if it had come alone."""
        images = [portrait, portrait[:256], portrait[::2, ::2], np.zeros_like(portrait)]
        table = engine.analyze(images)
        for index, image in enumerate(images):
            alone = engine.analyze(image)
            same_rows(table[table.input == str(index)], alone, ("input",))

    def test_a_mixed_list_keeps_its_order(self, engine, portrait, clip, clip_table):
        table = engine.analyze([portrait, clip, portrait], fps=25)
        assert list(table.input.unique()) == ["0", "1", "2"]
        same_rows(table[table.input == "1"], clip_table, ("input",))
        same_rows(table[table.input == "2"], table[table.input == "0"], ("input",))

    @pytest.mark.parametrize(
        "view",
        [
            lambda a: np.ascontiguousarray(a),
            lambda a: np.asfortranarray(a),
            lambda a: np.ascontiguousarray(a[:, ::-1])[:, ::-1],
            lambda a: np.ascontiguousarray(a[..., ::-1])[..., ::-1],
            lambda a: np.pad(a, ((3, 5), (7, 2), (0, 0)))[3:-5, 7:-2],
            lambda a: np.dstack([a, a])[..., :3],
        ],
        ids=["contiguous", "fortran", "mirrored", "bgr", "cut out", "of six channels"],
    )
    def test_any_strides_give_the_same_rows(self, engine, portrait, view):
        image = view(portrait)
        np.testing.assert_array_equal(image, portrait)
        same_rows(engine.analyze(image), engine.analyze(portrait))

    def test_arrays_are_neither_changed_nor_kept(self, engine, portrait):
        import sys

        image = portrait.copy()
        before = sys.getrefcount(image)
        engine.analyze(image)
        np.testing.assert_array_equal(image, portrait)
        assert sys.getrefcount(image) == before

    def test_every_start_and_end(self, engine, clip):
        table = engine.analyze(clip, fps=25, every=2, start=0.05, end=0.3, detect="every")
        assert sorted(table.frame.unique()) == [2, 4, 6]
        whole = engine.analyze(clip, fps=25, detect="every")
        same_rows(table, whole[whole.frame.isin([2, 4, 6])], ("track",))

    def test_times_of_the_callers_own(self, engine, clip):
        times = np.cumsum(np.arange(1, 11)) / 10
        table = engine.analyze(clip, times=times)
        np.testing.assert_array_equal(table.time, times[table.frame])


@pytest.mark.parametrize(
    "options",
    [
        {"threads": 1},
        {"threads": 2},
        {"threads": 4},
        {"batch_size": 1},
        {"batch_size": 16, "threads": 3},
    ],
    ids=str,
)
def test_threads_and_batches_never_change_a_row(clip, clip_table, options):
    engine = mien.Engine(device="cpu", **options)
    same_rows(engine.analyze(clip, fps=25), clip_table)


class TestStream:
    @pytest.mark.parametrize("frames", [1, 3, 10, 1000])
    def test_pieces_are_the_whole(self, engine, clip, clip_table, frames):
        parts = list(engine.stream(clip, frames, fps=25))
        assert [part.frame.nunique() for part in parts] == [
            min(frames, 10 - start) for start in range(0, 10, frames)
        ]
        same_rows(pd.concat(parts), clip_table)

    def test_leaving_early_ends_the_work(self, engine, clip):
        import threading

        before = threading.active_count()
        for _ in range(20):
            stream = engine.stream(np.repeat(clip, 5, axis=0), 1)
            next(stream)
            stream.close()
        assert threading.active_count() == before

    def test_streams_of_one_engine_do_not_mix(self, engine, clip, clip_table):
        streams = [engine.stream(clip, 2, fps=25) for _ in range(3)]
        parts: list[list[FaceTable]] = [[], [], []]
        for _ in range(5):
            for stream, mine in zip(streams, parts, strict=True):
                mine.append(next(stream))
        for mine in parts:
            same_rows(pd.concat(mine), clip_table)

    def test_wants_one_input(self, engine, clip):
        with pytest.raises(InputError, match="wanted one input, got 2"):
            engine.stream([clip, clip])


class TestFrames:
    def test_live_rows_are_the_rows_of_analyze(self, engine, clip, clip_table):
        engine.reset()
        parts = [engine.analyze_frame(frame, i / 25) for i, frame in enumerate(clip)]
        same_rows(pd.concat(parts), clip_table)

    def test_reset_begins_anew(self, engine, portrait):
        engine.reset()
        first = engine.analyze_frame(portrait, detect="every")
        second = engine.analyze_frame(portrait, detect="every")
        assert list(second.frame) == [1] * len(second)
        same_rows(second, first, ("frame",))  # tracks go on
        engine.reset()
        same_rows(engine.analyze_frame(portrait, detect="every"), first)

    def test_reset_forgets_followed_faces(self, engine, clip):
        engine.reset()
        first = [engine.analyze_frame(frame) for frame in clip[:4]]
        engine.reset()
        same_rows(pd.concat(engine.analyze_frame(frame) for frame in clip[:4]), pd.concat(first))

    @pytest.mark.parametrize(
        "frame",
        [None, "clip.mp4", np.zeros((2, 64, 64, 3), np.uint8), np.zeros((64, 64, 3))],
        ids=str,
    )
    def test_wants_a_frame(self, engine, frame):
        with pytest.raises(InputError, match=r"frame: wanted"):
            engine.analyze_frame(frame)


class TestVideos:
    def test_single_face(self, engine, media):
        """The issue's own figures: 72 rows, the container's times, one track, a box in each."""
        import av

        path = media("single_face.mp4")
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            pts = sorted(
                packet.pts * stream.time_base for packet in container.demux(stream) if packet.size
            )
        table = engine.analyze(path)
        assert len(table) == len(pts) == 72
        assert list(table.frame) == list(range(72))
        np.testing.assert_allclose(table.time, np.array(pts, float), rtol=0, atol=1e-3)
        assert list(table.track.unique()) == [0]
        assert not table.faceboxes.isna().any(axis=None)
        assert set(table.input) == {str(path)}

    def test_no_face(self, engine, media):
        table = engine.analyze(media("no_face.mp4"))
        assert set(table.status) == {"no_face"}
        assert table[engine.columns[:-2]].isna().all(axis=None)

    def test_arrays_of_the_same_frames_give_the_same_rows(self, engine, media):
        path = media("single_face.mp4")
        decoded = list(mien.read_frames(path))
        frames = np.stack([frame.rgb for frame in decoded])
        times = [frame.time for frame in decoded]
        rows = engine.analyze(path)
        same_rows(engine.analyze(frames, times=times), rows, ("input",))
        for threads, batch_size in ((1, 1), (2, 16), (4, 1), (4, 16)):
            other = mien.Engine(threads=threads, batch_size=batch_size)
            same_rows(other.analyze(path), rows)
            same_rows(other.analyze(frames, times=times), rows, ("input",))

    @needs_ffmpeg
    @pytest.mark.parametrize("name", ["single_face.mp4", "face_noface.mov"])
    def test_pyav_gives_the_same_rows(self, engine, media, monkeypatch, name):
        path = media(name)
        wanted = engine.analyze(path, end=1.5)
        monkeypatch.setattr(_core, "video_decoder_version", lambda: "")
        got = engine.analyze(path, end=1.5)
        same_rows(got, wanted)
        assert got.provenance["inputs"][0]["decoder"].startswith("PyAV")
        assert got.provenance["inputs"][0]["frames"] == wanted.provenance["inputs"][0]["frames"]

    @needs_ffmpeg
    def test_no_python_runs_per_frame(self, engine, media):
        """With FFmpeg built in, the interpreter makes no more calls for 72 frames than for 36."""
        import sys
        import threading

        path = media("single_face.mp4")

        def calls(end: float) -> int:
            count = 0

            def note(_frame, event, _arg):
                nonlocal count
                count += event == "call"

            threading.setprofile(note)
            sys.setprofile(note)
            try:
                engine.analyze(path, end=end)
            finally:
                sys.setprofile(None)
                threading.setprofile(None)
            return count

        calls(1.0)
        assert abs(calls(100.0) - calls(1.0)) < 36

    def test_window_and_every(self, engine, media):
        path = media("single_face.mp4")
        whole = engine.analyze(path, detect="every")
        start, end = 0.5, 1.5
        inside = whole[(whole.time >= start) & (whole.time < end)]
        part = engine.analyze(path, every=3, start=start, end=end, detect="every")
        assert list(part.frame) == list(inside.frame[::3])
        same_rows(part, inside.iloc[::3], ("track",))

    def test_provenance_says_how(self, engine, media):
        provenance = engine.analyze(media("single_face.mp4"), every=30, end=2).provenance
        (entry,) = provenance["inputs"]
        assert entry["kind"] == "video"
        assert entry["fps"] == pytest.approx(24, rel=0.5)
        assert (entry["width"], entry["height"]) == (640, 360)
        assert provenance["read"] == {
            "every": 30,
            "start": None,
            "end": 2,
            "fps": None,
            "sar": None,
        }
        assert provenance["pack"]["sha256"] == mien.load_pack().sha256
        assert provenance["provider"] == "cpu"
        assert provenance["options"]["threads"] == 2

    def test_progress_is_told(self, engine, media):
        path = media("single_face.mp4")
        told = []
        engine.analyze(path, progress=lambda *args: told.append(args))
        assert told[-1] == (str(path), 72, 72)
        assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)

    def test_files_of_all_kinds_in_one_table(self, engine, media, portrait):
        paths = [media("single_face.jpg"), media("no_face.mp4")]
        table = engine.analyze([str(paths[0]), paths[1], portrait])
        assert list(table.input.unique()) == [str(paths[0]), str(paths[1]), "2"]
        assert [entry["kind"] for entry in table.provenance["inputs"]] == [
            "image",
            "video",
            "array",
        ]


class TestOptions:
    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"device": "tpu"}, r"device: wanted auto, cpu, cuda or tensorrt, got 'tpu'"),
            ({"threads": 0}, r"threads: wanted at least 1"),
            ({"threads": -2}, r"threads: wanted at least 1"),
            ({"threads": "many"}, r"wrong type.*threads='many'"),
            ({"batch_size": 0}, r"batch_size: wanted at least 1, or None for the default, got 0"),
            ({"detection_size": 10}, r"detection_size: wanted 64"),
            ({"score_threshold": 1.5}, r"score_threshold"),
            ({"score_threshold": -0.5}, r"score_threshold: wanted at least 0"),
            ({"score_threshold": float("nan")}, r"score_threshold"),
            ({"max_faces": 0}, r"max_faces: wanted at least 1"),
            ({"detect_interval": 0}, r"detect_interval: wanted 1 to 1024, got 0"),
        ],
        ids=str,
    )
    def test_of_an_engine(self, options, message):
        with pytest.raises(OptionError, match=message):
            mien.Engine(**options)

    def test_a_provider_that_is_not_there(self, cuda_is_emulated):
        if cuda_is_emulated or (
            "cuda" in _core.runtime_info()["providers"] and _core.cuda_devices()
        ):
            pytest.skip("there is a GPU, or CUDA is emulated")
        with pytest.raises(mien.ProviderError, match=r"(?i)cuda"):
            mien.Engine(device="cuda")

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"every": 0}, r"every: wanted at least 1, got 0"),
            ({"every": 1.5}, r"wrong type.*every=1.5"),
            ({"start": 2, "end": 1, "fps": 25}, r"start before end"),
            ({"start": 2}, r"start, end: wanted fps or times"),
            ({"fps": 0}, r"fps: wanted a number above 0"),
            ({"fps": 25, "times": range(10)}, r"one of them"),
            ({"times": [1, 2]}, r"times: wanted \(10,\).*got shape \(2,\)"),
            ({"times": [1] * 10}, r"times: .*rise"),
            ({"times": ["a"] * 10}, r"times: wanted seconds"),
            ({"detect": "sometimes"}, r"detect: wanted every or track, got 'sometimes'"),
        ],
        ids=str,
    )
    def test_of_analyze(self, engine, clip, options, message):
        with pytest.raises(OptionError, match=message):
            engine.analyze(clip, **options)

    def test_files_carry_their_own_times(self, engine, media):
        with pytest.raises(OptionError, match="only for what has no times of its own"):
            engine.analyze(media("no_face.mp4"), fps=25)

    def test_steps_are_timed_if_asked_for(self, engine, clip):
        with pytest.raises(OptionError, match="profile=True"):
            engine.step_times()
        timed = mien.Engine(device="cpu", threads=2, profile=True)
        timed.analyze(clip, detect="every")
        steps = timed.step_times()
        assert steps.loc["letterbox", "calls"] == 10
        assert steps.loc["decode", "calls"] == 11  # the last finds the end
        assert (steps.loc[["letterbox", "detect", "warp", "behaviour"], "cpu"] > 0).all()

    def test_decoder_threads_change_nothing(self, engine, media):
        path = media("single_face.mp4")
        other = mien.Engine(device="cpu", threads=2, decoder_threads=3)
        same_rows(other.analyze(path), engine.analyze(path))
        with pytest.raises(OptionError, match="decoder_threads"):
            mien.Engine(decoder_threads=0)

    def test_defaults_are_resolved_and_shown(self, engine):
        assert engine.options["detection_size"] > 0
        assert 0 < engine.options["score_threshold"] < 1
        assert "default" in repr(engine)
        assert engine.provider == "cpu"


def test_a_package_that_was_not_built_says_so():
    import os
    import subprocess
    import sys

    source = Path(__file__).parents[2] / "python"
    done = subprocess.run(
        [sys.executable, "-S", "-c", "import mien"],
        env={**os.environ, "PYTHONPATH": str(source)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "No module named 'mien._core'" in done.stderr
    assert "pip install ." in done.stderr


def test_importing_mien_is_light_and_leaves_threads_alone():
    """No plotting, video or image library, no inference package, and no thread settings of the
    process.
    """
    import subprocess
    import sys

    code = """
import os, sys
before = dict(os.environ)
import mien
heavy = {"matplotlib", "av", "PIL", "cv2", "onnxruntime", "skimage", "typer", "torch"}
heavy &= set(sys.modules)
assert not heavy, heavy
assert dict(os.environ) == before
assert dir(mien) == sorted(mien.__all__), dir(mien)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
