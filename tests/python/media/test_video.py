"""Good videos: every frame, its time and its pixels, from both readers."""

from __future__ import annotations

from dataclasses import replace

import av
import media
import numpy as np
import pytest
from media import BY_NAME, RECIPES, Clip, make_clip, set_display_matrix

from mien.errors import InputError, OptionError

H264 = BY_NAME["h264-mp4"]


def reference_times(path) -> list[float]:
    """Times as PyAV's own decoding loop sees them."""
    with av.open(str(path)) as container:
        return [frame.time for frame in container.decode(video=0)]


def mean_color(rgb: np.ndarray) -> np.ndarray:
    return rgb.reshape(-1, 3).mean(axis=0)


def test_recipes_have_their_own_names():
    assert len(BY_NAME) == len(RECIPES)


@pytest.mark.parametrize("recipe", RECIPES, ids=str)
class TestEveryCodec:
    def test_all_frames_come_good_and_in_time(self, recipe, read, tmp_path):
        path = make_clip(tmp_path / "clip", recipe)
        rows = read(path)
        assert [row.index for row in rows] == list(range(40))
        assert {row.status for row in rows} == {"ok"}
        np.testing.assert_allclose([row.time for row in rows], reference_times(path), atol=1e-3)

    def test_pixels_are_those_encoded(self, recipe, read, tmp_path):
        path = make_clip(tmp_path / "clip", recipe)
        for row in read(path)[::13]:
            wanted = media.moving_image(row.index, 96, 64)
            assert (
                np.abs(row.rgb.astype(int) - wanted).mean() < 14
            )  # lossy, and chroma at half size

    def test_readers_agree(self, recipe, both, tmp_path):
        core, pyav = both(make_clip(tmp_path / "clip", recipe))
        assert [row[:3] for row in core] == [row[:3] for row in pyav]
        for a, b in zip(core, pyav, strict=True):
            np.testing.assert_array_equal(a.rgb, b.rgb)

    def test_decoder_threads_change_nothing(self, recipe, read, tmp_path):
        path = make_clip(tmp_path / "clip", recipe)
        one = read(path, threads=1)
        for threads in (2, 4):
            many = read(path, threads=threads)
            assert [row[:3] for row in many] == [row[:3] for row in one]
            for a, b in zip(one, many, strict=True):
                np.testing.assert_array_equal(a.rgb, b.rgb)


def test_variable_frame_rate_keeps_its_times(read, tmp_path):
    times = np.cumsum(np.random.default_rng(3).integers(1, 9, size=40)).tolist()
    path = make_clip(tmp_path / "vfr", H264, Clip(times=times))
    rows = read(path)
    np.testing.assert_allclose([row.time for row in rows], np.array(times) / 25, atol=1e-6)


def test_edit_list_hides_frames(both, tmp_path):
    """ffmpeg -ss T -i clip.mp4 -c copy edited.mp4: from the key frame before T, and an edit list
    hides what comes before T.
    """
    path = make_clip(tmp_path / "clip", H264)
    edited = tmp_path / "edited.mp4"
    with av.open(str(path)) as source, av.open(str(edited), "w") as out:
        stream = source.streams.video[0]
        copy = out.add_stream_from_template(stream)
        packets = [packet for packet in source.demux(stream) if packet.dts is not None]
        key = [i for i, packet in enumerate(packets) if packet.is_keyframe][1]
        shift = packets[key].pts + int(0.12 / stream.time_base)
        for packet in packets[key:]:
            packet.pts -= shift
            packet.dts -= shift
            packet.stream = copy
            out.mux(packet)
    core, pyav = both(edited)
    assert [row[:3] for row in core] == [row[:3] for row in pyav]
    assert {row.status for row in core} == {"ok"}
    np.testing.assert_allclose([row.time for row in core], reference_times(edited), atol=1e-6)
    assert len(core) == 40 - key - 3
    assert core[0].time == 0


@pytest.mark.parametrize(("width", "height"), [(37, 51), (16, 16), (97, 64), (96, 65)])
@pytest.mark.parametrize("recipe", [BY_NAME["vp9-webm"], BY_NAME["mjpeg-avi"]], ids=str)
def test_odd_sizes(recipe, width, height, both, tmp_path):
    core, pyav = both(make_clip(tmp_path / "odd", recipe, Clip(4, width, height)))
    assert len(core) == len(pyav) == 4
    for a, b in zip(core, pyav, strict=True):
        assert a.rgb.shape == (height, width, 3)
        np.testing.assert_array_equal(a.rgb, b.rgb)


# (a, b, c, d) of the display matrix, and what it does to the stored image.
TURNS = {
    "90": ((0, 1, -1, 0), lambda p: np.rot90(p, -1), 90),
    "180": ((-1, 0, 0, -1), lambda p: p[::-1, ::-1], 180),
    "270": ((0, -1, 1, 0), lambda p: np.rot90(p), 270),
    "mirrored": ((-1, 0, 0, 1), lambda p: p[:, ::-1], 0),
    "upside-down": ((1, 0, 0, -1), lambda p: p[::-1], 180),
    "transposed": ((0, 1, 1, 0), lambda p: p.transpose(1, 0, 2), 270),
    "transversed": ((0, -1, -1, 0), lambda p: p[::-1, ::-1].transpose(1, 0, 2), 90),
}


class TestDisplayMatrix:
    @pytest.mark.parametrize("size", [(96, 64), (37, 51)], ids=["even", "odd"])
    @pytest.mark.parametrize("turn", TURNS, ids=str)
    def test_frames_come_as_shown(self, turn, size, read, probe, tmp_path):
        # Odd sides need 4:4:4 in H.264, so MPEG-4 carries them.
        recipe = BY_NAME["mpeg4-mp4-bframes"]
        path = make_clip(tmp_path / "clip", recipe, Clip(3, *size))
        matrix, apply, degrees = TURNS[turn]
        turned = set_display_matrix(path, *matrix)
        for stored, shown in zip(read(path), read(turned), strict=True):
            np.testing.assert_array_equal(shown.rgb, apply(stored.rgb))
        info = probe(turned)
        assert info["rotation"] == degrees
        assert (info["height"], info["width"]) == read(turned)[0].rgb.shape[:2]

    def test_a_phone_held_upright_is_turned_clockwise(self, read, tmp_path):
        """The matrix of -display_rotation -90: what lay at the left comes to the top."""
        left_red = media.flat_image((0, 0, 255), 96, 64)
        left_red[:, :48] = (255, 0, 0)
        path = make_clip(tmp_path / "phone", H264, Clip(2, images=[left_red]))
        rgb = read(set_display_matrix(path, 0, 1, -1, 0))[0].rgb
        assert rgb.shape == (96, 64, 3)
        assert mean_color(rgb[:40])[0] > 200
        assert mean_color(rgb[:40])[2] < 100
        assert mean_color(rgb[-40:])[2] > 200

    def test_other_angles_are_refused(self, read, tmp_path):
        path = set_display_matrix(make_clip(tmp_path / "skew", H264), 1, 1, -1, 1)
        with pytest.raises(InputError, match=r"display matrix.*multiple of 90"):
            read(path)


class TestColors:
    COLORS = (
        (200, 60, 40),
        (30, 160, 70),
        (50, 70, 210),
        (128, 128, 128),
        (250, 250, 250),
        (5, 5, 5),
    )

    @pytest.mark.parametrize("full_range", [False, True], ids=["limited", "full"])
    @pytest.mark.parametrize("matrix", ["smpte170m", "bt709"])
    def test_matrix_and_range_that_the_stream_states(self, matrix, full_range, read, tmp_path):
        images = [media.flat_image(color, 64, 64) for color in self.COLORS]
        clip = Clip(6, 64, 64, images=images, matrix=matrix, full_range=full_range)
        options = {**media.X264_B, "crf": "1", "bf": "0"}
        path = make_clip(
            tmp_path / "color", media.Recipe("color", "libx264", ".mp4", options=options), clip
        )
        for color, row in zip(self.COLORS, read(path), strict=True):
            np.testing.assert_allclose(mean_color(row.rgb), color, atol=2)

    @pytest.mark.parametrize(
        ("size", "matrix"), [((640, 480), ""), ((1280, 720), "bt709"), ((720, 1280), "bt709")]
    )
    def test_unstated_matrix_follows_the_size(self, size, matrix, read, tmp_path):
        """Encoded by `matrix`, its mark removed: BT.601 below 720 lines, BT.709 from there on."""
        images = [media.flat_image(self.COLORS[1], *size)]
        options = {**media.X264_B, "crf": "1"}
        path = make_clip(
            tmp_path / "unstated",
            media.Recipe("unstated", "libx264", ".mp4", options=options),
            Clip(1, *size, images=images, matrix=matrix, marked=False),
        )
        with av.open(str(path)) as container:
            assert next(container.decode(video=0)).colorspace == 2  # unspecified
        np.testing.assert_allclose(mean_color(read(path)[0].rgb), self.COLORS[1], atol=2)

    def test_ten_bits_are_rounded(self, both, tmp_path):
        recipe = BY_NAME["hevc-10bit-mp4"]
        images = [media.flat_image(color, 64, 64) for color in self.COLORS]
        path = make_clip(tmp_path / "ten", recipe, Clip(6, 64, 64, images=images))
        core, pyav = both(path)
        for color, a, b in zip(self.COLORS, core, pyav, strict=True):
            np.testing.assert_array_equal(a.rgb, b.rgb)
            np.testing.assert_allclose(mean_color(a.rgb), color, atol=3)


FORMATS = {
    # ffmpeg ... -c:v ffv1 -pix_fmt FORMAT clip.mkv: no loss
    **dict.fromkeys(
        ("yuv420p", "yuv422p", "yuv444p", "yuv440p", "yuv411p", "yuv420p10le", "yuv422p10le",
         "yuv444p12le", "yuva420p", "gray", "gray10le", "bgr0", "gbrp10le"),
        media.Recipe("ffv1", "ffv1", ".mkv"),
    ),
    # ffmpeg ... -c:v rawvideo -pix_fmt FORMAT clip.nut
    **dict.fromkeys(
        ("nv12", "nv21", "yuyv422", "rgb24", "bgra"), media.Recipe("raw", "rawvideo", ".nut")
    ),
    # ffmpeg ... -c:v libx264rgb -crf 0 clip.mp4: decodes to gbrp
    "bgr24": media.Recipe("rgb", "libx264rgb", ".mp4", options={"crf": "0"}),
}  # fmt: skip


@pytest.mark.parametrize("pixel_format", FORMATS)
def test_pixel_formats(pixel_format, both, tmp_path):
    recipe = replace(FORMATS[pixel_format], pixel_format=pixel_format)
    images = [media.flat_image(color, 40, 26) for color in TestColors.COLORS]
    core, pyav = both(make_clip(tmp_path / "clip", recipe, Clip(6, 40, 26, images=images)))
    for color, a, b in zip(TestColors.COLORS, core, pyav, strict=True):
        np.testing.assert_array_equal(a.rgb, b.rgb)
        gray = np.repeat(np.dot(color, (0.299, 0.587, 0.114)), 3)
        wanted = gray if "gray" in pixel_format else color
        np.testing.assert_allclose(mean_color(a.rgb), wanted, atol=3)


def _samples(plane: av.video.plane.VideoPlane, columns: int) -> np.ndarray:
    """16-bit samples of a plane, its padding left out; writing to them writes to the frame."""
    rows = np.frombuffer(plane, "<u2").reshape(plane.height, plane.line_size // 2)
    return rows[:, :columns]


def test_semiplanar_ten_bits_are_planar_ten_bits():
    """No encoder writes P010, so the view is checked by itself: the same samples in both layouts.

    Not by FFmpeg's conversion to P010, which now and then gives other samples at a slice's edge.
    """
    from mien.media._planes import UPRIGHT, to_rgb, view_frame

    width, height = 38, 26
    rng = np.random.default_rng(0)
    planar = av.VideoFrame(width, height, "yuv420p10le")
    semiplanar = av.VideoFrame(width, height, "p010le")
    luma = rng.integers(0, 1024, (height, width), np.uint16)
    chroma = rng.integers(0, 1024, (2, height // 2, width // 2), np.uint16)
    for plane, values in zip(planar.planes, (luma, *chroma), strict=True):
        _samples(plane, values.shape[1])[:] = values
    _samples(semiplanar.planes[0], width)[:] = luma << 6  # in the high bits
    _samples(semiplanar.planes[1], width)[:] = np.dstack(list(chroma)).reshape(-1, width) << 6
    views = [
        to_rgb(view_frame(frame, UPRIGHT, frame.format.name)) for frame in (planar, semiplanar)
    ]
    np.testing.assert_array_equal(*views)


class TestSelection:
    @pytest.fixture
    def path(self, tmp_path):
        return make_clip(tmp_path / "clip", H264)  # 40 frames, 25 a second

    def test_every(self, path, read):
        assert [row.index for row in read(path, every=7)] == [0, 7, 14, 21, 28, 35]

    def test_range_is_half_open(self, path, read):
        rows = read(path, start=0.4, end=0.8)
        assert [row.index for row in rows] == list(range(10, 20))
        assert rows[0].time == pytest.approx(0.4)

    def test_every_counts_within_the_range(self, path, read):
        assert [row.index for row in read(path, every=3, start=0.4, end=0.8)] == [10, 13, 16, 19]

    def test_pixels_are_those_of_the_whole_run(self, path, read):
        whole = read(path)
        for row in read(path, every=5, start=0.3):
            np.testing.assert_array_equal(row.rgb, whole[row.index].rgb)

    @pytest.mark.parametrize(
        "bounds", [{"start": 99.0}, {"end": -1.0}, {"start": 0.41, "end": 0.43}]
    )
    def test_empty_range_is_an_error(self, path, read, bounds):
        with pytest.raises(InputError, match=r"no frame to analyse.*start=.*got times 0 to"):
            read(path, **bounds)

    @pytest.mark.parametrize(
        "options", [{"every": 0}, {"start": 2.0, "end": 1.0}, {"start": float("nan")}]
    )
    def test_impossible_options(self, path, read, options):
        with pytest.raises(OptionError, match="wanted"):
            read(path, **options)


def test_probe(probe, tmp_path):
    info = probe(make_clip(tmp_path / "clip", H264))
    assert info == {
        "codec": "h264", "pixel_format": "yuv420p", "width": 96, "height": 64, "rotation": 0,
        "sar": 1, "frame_rate": 25.0, "frames": 40, "duration": pytest.approx(1.6),
    }  # fmt: skip


def test_planes_are_views_of_the_decoder(tmp_path):
    """8-bit frames that stand upright are not copied."""
    from mien.media import _pyav as pyav

    image = next(pyav.decode(make_clip(tmp_path / "clip", H264))).image
    assert [plane.shape for plane in image.planes] == [(64, 96), (32, 48), (32, 48)]
    assert not any(plane.flags.owndata for plane in image.planes)


class TestRealFiles:
    @pytest.mark.parametrize(
        ("name", "frames"), [("single_face.mp4", 72), ("face_noface.mov", 169), ("no_face.mp4", 95)]
    )
    def test_frames_and_times(self, name, frames, read, media):
        path = media(name)
        rows = read(path)
        assert len(rows) == frames
        assert {row.status for row in rows} == {"ok"}
        np.testing.assert_allclose([row.time for row in rows], reference_times(path), atol=1e-6)

    def test_readers_agree(self, both, media):
        core, pyav = both(media("face_noface.mov"), every=10)
        for a, b in zip(core, pyav, strict=True):
            assert a[:3] == b[:3]
            np.testing.assert_array_equal(a.rgb, b.rgb)
