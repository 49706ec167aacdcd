"""Videos whose pixels aren't square: what their files say, and the frames that come out of it."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from media import BY_NAME, Clip, make_clip, set_display_matrix

import mien
from mien import _core
from mien.errors import OptionError
from mien.media import _pyav as pyav
from mien.media._planes import to_rgb

HDV = Fraction(4, 3)


def frames_by(decoder: str, path: Path, **options) -> list[tuple[float, np.ndarray | None]]:
    """Sample aspect ratio and stored RGB of each frame."""
    if decoder == "pyav":
        found = [frame.image for frame in pyav.decode(path, **options)]
        return [(i.sar, to_rgb(i._replace(sar=1.0))) if i else (1.0, None) for i in found]
    if not _core.video_decoder_version():
        pytest.skip("built without FFmpeg")
    return [(frame.sar, frame.rgb) for frame in mien.read_frames(path, square=False, **options)]


@pytest.fixture(params=["core", "pyav"])
def decoder(request) -> str:
    return request.param


@pytest.mark.parametrize("name", ["h264-mp4", "h264-ts", "h264-mkv", "mpeg4-mp4-bframes"])
@pytest.mark.parametrize("sar", [HDV, Fraction(8, 9)])
def test_both_decoders_read_what_the_file_says(tmp_path, decoder, name, sar):
    path = make_clip(tmp_path / "clip", BY_NAME[name], Clip(frames=4, sar=sar))
    for got, rgb in frames_by(decoder, path):
        assert got == pytest.approx(float(sar))
        assert rgb.shape == (64, 96, 3)


@pytest.mark.parametrize("probe", [_core.probe_video, pyav.probe], ids=["core", "pyav"])
def test_probes_say_the_shown_size(tmp_path, probe):
    if probe is _core.probe_video and not _core.video_decoder_version():
        pytest.skip("built without FFmpeg")
    path = make_clip(tmp_path / "clip", BY_NAME["h264-mp4"], Clip(frames=4, sar=HDV))
    found = probe(str(path))
    assert (found["width"], found["height"]) == (128, 64)
    assert found["sar"] == pytest.approx(4 / 3)
    assert "ignored_sar" not in found


def test_frames_are_stretched_to_square_pixels(tmp_path):
    cv2 = pytest.importorskip("cv2")
    path = make_clip(tmp_path / "clip", BY_NAME["h264-mp4"], Clip(frames=4, sar=HDV))
    stored = list(mien.read_frames(path, square=False))
    for frame, raw in zip(mien.read_frames(path), stored, strict=True):
        assert frame.sar == 1
        wanted = cv2.resize(raw.rgb, (128, 64), interpolation=cv2.INTER_LINEAR)
        np.testing.assert_allclose(frame.rgb.astype(int), wanted.astype(int), atol=1)


def test_square_pixels_stay_the_same_bits(tmp_path, decoder):
    path = make_clip(tmp_path / "clip", BY_NAME["h264-mp4"], Clip(frames=4, sar=Fraction(1)))
    for (sar, rgb), frame in zip(frames_by(decoder, path), mien.read_frames(path), strict=True):
        assert sar == 1
        np.testing.assert_array_equal(rgb, frame.rgb)


@pytest.mark.parametrize("stated", [Fraction(1, 30), Fraction(9, 2), Fraction(0)])
def test_what_pixels_cant_be_counts_as_square_and_is_said(tmp_path, decoder, stated):
    path = make_clip(tmp_path / "clip", BY_NAME["h264-mp4"], Clip(frames=3, sar=stated))
    assert [sar for sar, _ in frames_by(decoder, path)] == [1, 1, 1]
    probe = pyav.probe if decoder == "pyav" else _core.probe_video
    found = probe(str(path))
    assert (found["width"], found["sar"]) == (96, 1)
    assert ("ignored_sar" in found) == bool(stated)


def test_a_turned_video_is_turned_with_its_pixels(tmp_path, decoder):
    path = make_clip(tmp_path / "clip", BY_NAME["h264-mp4"], Clip(frames=3, sar=HDV))
    turned = set_display_matrix(path, 0, 1, -1, 0)
    for sar, rgb in frames_by(decoder, turned):
        assert sar == pytest.approx(3 / 4)
        assert rgb.shape == (96, 64, 3)
    assert next(iter(mien.read_frames(turned))).rgb.shape == (128, 64, 3)
    probe = pyav.probe if decoder == "pyav" else _core.probe_video
    found = probe(str(turned))
    assert (found["width"], found["height"], found["rotation"]) == (64, 128, 90)


def test_it_may_change_within_a_stream(tmp_path, decoder):
    """cat a.ts b.ts; the frame at the seam counts as lost."""
    recipe = replace(BY_NAME["h264-ts"], options={"g": "12", "bf": "0"})
    parts = [
        make_clip(tmp_path / str(i), recipe, Clip(12, sar=sar, times=range(12 * i, 12 * i + 12)))
        for i, sar in enumerate([HDV, Fraction(1)])
    ]
    path = tmp_path / "joined.ts"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    sars = [sar for sar, rgb in frames_by(decoder, path) if rgb is not None]
    assert sars == pytest.approx([4 / 3] * (len(sars) - 12) + [1] * 12)
    assert len(sars) >= 22


def test_a_given_one_takes_the_place_of_the_files(tmp_path, decoder):
    path = make_clip(tmp_path / "clip", BY_NAME["h264-mp4"], Clip(frames=3, sar=HDV))
    assert [sar for sar, _ in frames_by(decoder, path, sar=2.0)] == [2, 2, 2]
    assert next(iter(mien.read_frames(path, sar=0.5))).rgb.shape == (128, 96, 3)


@pytest.mark.parametrize("sar", [0, -1.0, 0.2, 4.5, float("nan"), "4:3"])
def test_nonsense_is_an_option_error(tmp_path, sar):
    path = make_clip(tmp_path / "clip", BY_NAME["h264-mp4"], Clip(frames=3))
    with pytest.raises(OptionError, match="sar"):
        next(iter(mien.read_frames(path, sar=sar)))
