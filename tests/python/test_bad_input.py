"""Bad input, item by item: a typed error that names the file, the cause and what was wanted. Never
a crash, hang or empty success.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import mien
from mien import InputError, OptionError, _core
from mien.demo import make_clip


@pytest.fixture(params=["core", "PyAV"])
def decoder(request, monkeypatch):
    """The engine reads videos with its own FFmpeg, or with PyAV."""
    if request.param == "PyAV":
        monkeypatch.setattr(_core, "video_decoder_version", lambda: "")
    elif not _core.video_decoder_version():
        pytest.skip("built without FFmpeg")
    return request.param


@pytest.fixture(scope="session")
def clip(portrait, tmp_path_factory) -> Path:
    """A good video of 90 frames, three seconds."""
    path = tmp_path_factory.mktemp("clips") / "clip.mp4"
    make_clip(portrait, path)
    return path


@pytest.fixture(scope="session")
def stream_clip(clip) -> Path:
    """The same in Matroska, whose head can be read without its tail."""
    import av

    path = clip.with_suffix(".mkv")
    with av.open(str(clip)) as source, av.open(str(path), "w") as target:
        out = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = out
                target.mux(packet)
    return path


def png(width: int, height: int) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    Image.new("RGB", (width, height)).save(buffer, "PNG")
    return buffer.getvalue()


def without_frames() -> bytes:
    """An MP4 file with a video stream and no frame in it."""
    import av

    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        container.start_encoding()
    return buffer.getvalue()


def sound() -> bytes:
    import av

    buffer = io.BytesIO()
    with av.open(buffer, "w", format="wav") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.int16), "s16", "mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return buffer.getvalue()


NOISE = np.random.default_rng(0).bytes(20_000)
FILES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "empty video": ("empty.mp4", lambda: b""),
    "empty image": ("empty.jpg", lambda: b""),
    "text named mp4": ("notes.mp4", lambda: b"These are only words, and no video at all.\n" * 50),
    "text named jpg": ("notes.jpg", lambda: b"These are only words, and no image at all.\n" * 50),
    "text": ("notes.txt", lambda: b"words"),
    "noise named mp4": ("noise.mp4", lambda: NOISE),
    "noise named png": ("noise.png", lambda: NOISE),
    "no frames": ("frameless.mp4", without_frames),
    "sound only": ("sound.mp4", sound),
    "cut image": ("cut.png", lambda: png(300, 200)[:200]),
    "head of an image": ("head.png", lambda: png(300, 200)[:12]),
    "1x1 image": ("dot.png", lambda: png(1, 1)),
    "20000x3 image": ("line.png", lambda: png(20000, 3)),
    "3x20000 image": ("mast.png", lambda: png(3, 20000)),
}


@pytest.mark.parametrize("what", FILES)
@pytest.mark.parametrize("call", ["analyze", "stream"])
@pytest.mark.usefixtures("decoder")
def test_files(engine, tmp_path, what, call):
    name, content = FILES[what]
    path = tmp_path / name
    path.write_bytes(content())
    with pytest.raises(InputError) as caught:
        list(getattr(engine, call)(path))
    assert str(path) in str(caught.value)
    assert "wanted" in str(caught.value)


@pytest.mark.parametrize("name", ["gone.mp4", "gone.jpg", "gone*.mp4", "gone/"])
def test_missing(engine, tmp_path, name):
    with pytest.raises(InputError, match="gone"):
        engine.analyze(str(tmp_path / name))


def test_an_empty_folder(engine, tmp_path):
    with pytest.raises(InputError, match=str(tmp_path)):
        engine.analyze(tmp_path)


@pytest.mark.usefixtures("decoder")
def test_a_cut_mp4_has_no_index_and_is_refused(engine, clip, tmp_path):
    path = tmp_path / "cut.mp4"
    path.write_bytes(clip.read_bytes()[: clip.stat().st_size // 2])
    with pytest.raises(InputError, match=r"cut\.mp4"):
        engine.analyze(path)


@pytest.mark.usefixtures("decoder")
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_cut_stream_keeps_the_rows_before_the_cut(engine, stream_clip, tmp_path, share):
    """Rows before the break are those of the whole file; the rest says decode_error and holds
    nothing.
    """
    path = tmp_path / "cut.mkv"
    path.write_bytes(stream_clip.read_bytes()[: int(stream_clip.stat().st_size * share)])
    whole = engine.analyze(stream_clip)
    table = engine.analyze(path)
    lost = table.status == "decode_error"
    assert lost.any()
    good = table[~lost].drop(columns="input").reset_index(drop=True)
    assert len(good) > 0
    assert good.frame.max() < table[lost].frame.min()
    same = whole.iloc[: len(good)].drop(columns="input").reset_index(drop=True)
    assert (good.frame == same.frame).all()
    np.testing.assert_array_equal(good[engine.columns], same[engine.columns])
    assert table[lost][engine.columns].isna().all(axis=None)
    assert table[lost][["face", "track"]].isna().all(axis=None)


@pytest.mark.usefixtures("decoder")
def test_damage_inside_a_stream_is_marked_and_survived(engine, stream_clip, tmp_path):
    content = bytearray(stream_clip.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 2000] = NOISE[:2000]
    path = tmp_path / "holed.mkv"
    path.write_bytes(content)
    table = engine.analyze(path)
    assert (table.status == "decode_error").any()
    assert (table.status != "decode_error").any()
    assert list(table.frame.unique()) == sorted(table.frame.unique())


@pytest.mark.usefixtures("decoder")
def test_a_window_after_the_end(engine, clip):
    with pytest.raises(InputError, match=r"clip\.mp4"):
        engine.analyze(clip, start=100.0)


ARRAYS = {
    "float": (np.zeros((64, 64, 3)), r"wanted dtype uint8.*float64.*0-255"),
    "16 bit": (np.zeros((64, 64, 3), np.uint16), r"wanted dtype uint8.*uint16"),
    "bool": (np.zeros((64, 64, 3), bool), r"wanted dtype uint8.*bool"),
    "2-D": (np.zeros((64, 64), np.uint8), r"wanted RGB of shape.*\(64, 64\)"),
    "4 channels": (np.zeros((64, 64, 4), np.uint8), r"wanted RGB of shape.*\(64, 64, 4\)"),
    "1 channel": (np.zeros((64, 64, 1), np.uint8), r"wanted RGB of shape.*\(64, 64, 1\)"),
    "channels first": (np.zeros((3, 64, 64), np.uint8), r"wanted RGB of shape.*\(3, 64, 64\)"),
    "5-D": (np.zeros((2, 2, 64, 64, 3), np.uint8), r"wanted RGB of shape"),
    "0-D": (np.zeros((), np.uint8), r"wanted RGB of shape.*\(\)"),
    "no frames": (np.zeros((0, 64, 64, 3), np.uint8), r"wanted at least one frame"),
    "no pixels": (np.zeros((0, 64, 3), np.uint8), r"wanted sides of 16.*height 0"),
    "1x1": (np.zeros((1, 1, 3), np.uint8), r"wanted sides of 16.*width 1, height 1"),
    "20000x3": (np.zeros((3, 20000, 3), np.uint8), r"wanted sides.*width 20000, height 3"),
    "too wide": (np.zeros((16, 20000, 3), np.uint8), r"wanted sides.*width 20000"),
    "objects": (np.full((64, 64, 3), None), r"wanted dtype uint8.*object"),
}


@pytest.mark.parametrize("what", ARRAYS)
def test_arrays(engine, what):
    array, message = ARRAYS[what]
    with pytest.raises(InputError, match=message):
        engine.analyze(array)
    with pytest.raises(InputError, match=r"array 1: " + message):
        engine.analyze([np.zeros((64, 64, 3), np.uint8), array])


@pytest.mark.parametrize("thing", [None, 7, object(), [None], [[1, 2]], {}, []], ids=repr)
def test_other_things(engine, thing):
    with pytest.raises(InputError, match=r"wanted a path, a \(height, width, 3\)"):
        engine.analyze(thing)


def test_the_smallest_image_is_fine(engine):
    assert list(engine.analyze(np.zeros((16, 16, 3), np.uint8)).status) == ["no_face"]


def test_what_was_done_before_a_failure_is_not_lost(engine, portrait, tmp_path):
    bad = tmp_path / "bad.mp4"
    bad.write_bytes(b"no video")
    with pytest.raises(InputError, match=r"bad\.mp4") as caught:
        engine.analyze([portrait, portrait, bad, portrait])
    partial = caught.value.partial
    assert list(partial.input.unique()) == ["0", "1"]
    assert partial.provenance["pack"]["name"] == "default"


def test_a_failing_image_among_images(engine, portrait, tmp_path):
    """Images go through the engine together; the error still comes at its place."""
    from PIL import Image

    names = ["a.png", "b.png", "c.png", "d.png"]
    for name in names:
        Image.fromarray(portrait).save(tmp_path / name)
    (tmp_path / "c.png").write_bytes(NOISE)
    with pytest.raises(InputError, match=r"c\.png") as caught:
        engine.analyze(tmp_path)
    done = [Path(name).name for name in caught.value.partial.input.unique()]
    assert done == ["a.png", "b.png"]


def test_an_unknown_provider():
    with pytest.raises(
        OptionError, match=r"device: wanted auto, cpu, cuda or tensorrt, got 'abacus'"
    ):
        mien.Engine(device="abacus")


def test_no_inference_library(monkeypatch):
    import importlib.util

    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(
        mien.ProviderError, match=r"no ONNX Runtime library.*pip install onnxruntime"
    ):
        mien.Engine()


def test_errors_can_be_caught_as_pythons_own_kinds():
    assert issubclass(mien.InputError, ValueError)
    assert issubclass(mien.OptionError, ValueError)
    assert issubclass(mien.OutputError, OSError)
    assert issubclass(mien.ProviderError, RuntimeError)
    for name in ("InputError", "OptionError", "OutputError", "PackError", "ProviderError"):
        assert issubclass(getattr(mien, name), mien.MienError)
