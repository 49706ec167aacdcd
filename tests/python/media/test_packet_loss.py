"""Broken videos: what can be decoded is kept, what is lost has a row, and what is no video is
refused.
"""

from __future__ import annotations

import math
import os
from contextlib import suppress

import av
import media
import numpy as np
import pytest
from media import BY_NAME, RECIPES, Clip, cut, make_clip

from mien import _core
from mien.errors import InputError
from mien.media import _packet_loss as packet_loss
from mien.media import _pyav as pyav


def lost(rows) -> list:
    return [row for row in rows if row.status == "decode_error"]


def same_time(a: float, b: float) -> bool:
    return a == b or (math.isnan(a) and math.isnan(b))


# Containers that say at their beginning how many frames there are.
COUNTED = ("h264-mp4", "h264-mp4-audio", "hevc-mp4", "mpeg4-mp4-bframes", "mjpeg-mov", "mpeg4-avi",
           "mjpeg-avi", "h264-mkv", "vp9-webm")  # fmt: skip
TIMED = ("h264-mp4", "h264-mp4-audio", "hevc-mp4", "mpeg4-mp4-bframes", "mjpeg-mov", "mpeg4-avi",
         "mjpeg-avi")  # fmt: skip


class TestCutFiles:
    @pytest.mark.parametrize("share", [0.5, 0.7, 0.9])
    @pytest.mark.parametrize("name", COUNTED)
    def test_every_frame_has_a_row(self, name, share, read, tmp_path):
        whole = make_clip(tmp_path / "clip", BY_NAME[name])
        good = {row.time: row for row in read(whole)}
        rows = read(cut(whole, share))
        assert [row.index for row in rows] == list(range(40))
        assert 0 < len(lost(rows)) < 40
        for row in rows:
            if row.status == "ok":
                np.testing.assert_array_equal(row.rgb, good[row.time].rgb)
            else:
                assert row.rgb is None

    @pytest.mark.parametrize("share", [0.5, 0.7, 0.9])
    def test_every_frame_has_a_row_without_pts(self, share, read, tmp_path):
        """AVI with B-frames: how many frames there were is known, their times are not."""
        rows = read(cut(make_clip(tmp_path / "clip", BY_NAME["mpeg4-avi-bframes"]), share))
        assert [row.index for row in rows] == list(range(40))
        assert 40 * (1 - share) - 8 < len(lost(rows)) < 40 * (1 - share) + 8

    @pytest.mark.parametrize("name", TIMED)
    def test_lost_frames_keep_their_times(self, name, read, tmp_path):
        whole = make_clip(tmp_path / "clip", BY_NAME[name])
        rows = read(cut(whole, 0.6))
        assert lost(rows)
        np.testing.assert_allclose([row.time for row in rows], [row.time for row in read(whole)])

    def test_variable_rate_without_reordering_keeps_its_times(self, read, tmp_path):
        times = np.cumsum(np.random.default_rng(5).integers(1, 9, size=40)).tolist()
        recipe = media.Recipe("vfr", "mpeg4", ".mp4", container=media.FAST_START)
        whole = make_clip(tmp_path / "vfr", recipe, Clip(times=times))
        rows = read(cut(whole, 0.6))
        assert lost(rows)
        np.testing.assert_allclose([row.time for row in rows], np.array(times) / 25, atol=1e-4)

    def test_variable_rate_with_reordering_has_unknown_times(self, read, tmp_path):
        times = np.cumsum(np.random.default_rng(5).integers(1, 9, size=40)).tolist()
        whole = make_clip(tmp_path / "vfr", BY_NAME["h264-mp4"], Clip(times=times))
        rows = read(cut(whole, 0.6))
        assert len(rows) == 40
        assert math.isnan(rows[-1].time)

    @pytest.mark.parametrize(
        "recipe",
        [r for r in RECIPES if not r.index_behind and r.name != "mpeg4-avi-bframes"],
        ids=str,
    )
    def test_readers_agree(self, recipe, both, tmp_path):
        path = cut(make_clip(tmp_path / "clip", recipe), 0.6)
        core, pyav = both(path)
        assert len(core) == len(pyav)
        for a, b in zip(core, pyav, strict=True):
            assert (a.index, a.status) == (b.index, b.status)
            assert same_time(a.time, b.time)

    @pytest.mark.parametrize("name", COUNTED)
    def test_decoder_threads_change_nothing(self, name, read, tmp_path):
        path = cut(make_clip(tmp_path / "clip", BY_NAME[name]), 0.6)
        one, four = read(path, threads=1), read(path, threads=4)
        assert [row.status for row in one] == [row.status for row in four]
        assert all(same_time(a.time, b.time) for a, b in zip(one, four, strict=True))

    def test_images_survive_a_cut_in_the_sound(self, read, tmp_path):
        """Sound lies behind the images here; what is cut off is sound only."""
        whole = make_clip(tmp_path / "clip", BY_NAME["h264-mp4-audio"])
        assert media.packet_span(whole)[1] < whole.stat().st_size
        rows = read(cut(whole, 1))
        assert len(rows) == 40
        assert not lost(rows)

    def test_every_and_range_count_lost_frames(self, read, tmp_path):
        path = cut(make_clip(tmp_path / "clip", BY_NAME["mpeg4-avi"]), 0.6)
        whole = read(path)
        rows = read(path, every=3, start=0.4, end=1.5)
        assert [row.index for row in rows] == list(range(10, 38, 3))
        assert [row.status for row in rows] == [whole[row.index].status for row in rows]

    def test_real_file(self, read, media, tmp_path):
        """Its index lies behind the images, so it is moved to the front first: ffmpeg -i in.mp4 -c
        copy -movflags +faststart out.mp4
        """
        moved = tmp_path / "single_face.mp4"
        with (
            av.open(str(media("single_face.mp4"))) as source,
            av.open(str(moved), "w", options={"movflags": "+faststart"}) as out,
        ):
            stream = out.add_stream_from_template(source.streams.video[0])
            for packet in source.demux(video=0):
                if packet.dts is not None:
                    packet.stream = stream
                    out.mux(packet)
        rows = read(cut(moved, 0.5))
        assert [row.index for row in rows] == list(range(72))
        assert 0 < len(lost(rows)) < 60
        np.testing.assert_allclose([row.time for row in rows], np.arange(72) / 30, atol=1e-4)


class TestDamageInside:
    @pytest.mark.parametrize(
        "name", ["h264-mp4", "hevc-mp4", "mpeg4-mp4-bframes", "mjpeg-mov", "mjpeg-avi"]
    )
    def test_zeroed_stretch_is_marked_and_the_rest_decoded(self, name, read, tmp_path):
        path = make_clip(tmp_path / "clip", BY_NAME[name])
        good = read(path)
        data = bytearray(path.read_bytes())
        first, last = media.packet_span(path)
        at = (first + last) // 2
        data[at : at + len(data) // 12] = bytes(len(data) // 12)
        damaged = path.with_stem("damaged")
        damaged.write_bytes(data)
        rows = read(damaged)
        assert lost(rows)
        assert len(rows) == pytest.approx(40, abs=4)  # FFmpeg may swallow a frame without a word
        for row, wanted in zip(rows[:10], good, strict=False):
            assert row.status == "ok"
            np.testing.assert_array_equal(row.rgb, wanted.rgb)

    def test_noise_never_crashes(self, read, tmp_path):
        rng = np.random.default_rng(0)
        for recipe in (BY_NAME["h264-mp4"], BY_NAME["mpeg4-avi"], BY_NAME["vp9-webm"]):
            data = np.frombuffer(make_clip(tmp_path / recipe.name, recipe).read_bytes(), np.uint8)
            for trial in range(8):
                noisy = data.copy()
                at = rng.integers(0, len(data), size=len(data) // 50)
                noisy[at] = rng.integers(0, 256, size=len(at))
                path = tmp_path / f"{recipe.name}-{trial}{recipe.suffix}"
                path.write_bytes(noisy.tobytes())
                with suppress(InputError):
                    rows = read(path)
                    assert [row.index for row in rows] == list(range(len(rows)))


def empty_video(path):
    """A track without a sample: what a recorder leaves that was stopped at once."""
    recipe = BY_NAME["h264-mp4"]
    full = make_clip(path, recipe, Clip(2))
    with av.open(str(full)) as source, av.open(str(path.with_suffix(".empty.mp4")), "w") as out:
        out.add_stream_from_template(source.streams.video[0])
        out.start_encoding()
    return path.with_suffix(".empty.mp4")


class TestNoVideo:
    def check(self, read, path, *words):
        with pytest.raises(InputError) as caught:
            read(path)
        message = str(caught.value)
        for word in (path.name, "wanted", *words):
            assert word in message

    def test_missing(self, read, tmp_path):
        self.check(read, tmp_path / "nothing.mp4", "no such file")

    def test_folder(self, read, tmp_path):
        self.check(read, tmp_path, "a directory")

    def test_empty_file(self, read, tmp_path):
        path = tmp_path / "empty.mp4"
        path.touch()
        self.check(read, path, "an empty file")

    @pytest.mark.parametrize(
        "text",
        [
            "not a video\n" * 50,
            "ffconcat version 1.0\nfile /etc/passwd\n",
            "#EXTM3U\n#EXTINF:1\nhttp://localhost:1/a.ts\n",
        ],
    )
    @pytest.mark.parametrize("name", ["text.mp4", "text.txt", "text.avi"])
    def test_text(self, read, tmp_path, name, text):
        path = tmp_path / name
        path.write_text(text)
        self.check(read, path, "got")

    def test_sound_only(self, read, tmp_path):
        self.check(read, media.make_sound(tmp_path / "sound.mp4"), "no video stream")

    def test_no_frames(self, read, tmp_path):
        self.check(read, empty_video(tmp_path / "clip"))

    def test_index_cut_off(self, read, tmp_path):
        whole = make_clip(tmp_path / "clip", media.Recipe("end", "libx264", ".mp4"))
        self.check(read, cut(whole, 1), "can't be opened as a video", "Invalid data")

    def test_unreadable(self, read, tmp_path):
        if os.geteuid() == 0:
            pytest.skip("root may read everything")
        path = make_clip(tmp_path / "clip", BY_NAME["h264-mp4"])
        path.chmod(0)
        self.check(read, path, "Permission denied")

    def test_names_that_look_like_protocols(self, read, tmp_path, monkeypatch):
        path = make_clip(tmp_path / "clip", BY_NAME["h264-mp4"])
        monkeypatch.chdir(tmp_path)
        strange = path.rename("http:clip é.mp4")
        assert len(read(strange)) == 40

    def test_nothing_is_written_to_stderr(self, read, tmp_path, capfd):
        read(cut(make_clip(tmp_path / "clip", BY_NAME["mjpeg-mov"]), 0.6))
        assert capfd.readouterr().err == ""


class TestAccount:
    """The core's account by itself; tests/cpp/video/frame_account_test.cc tests more of it."""

    @staticmethod
    def account(*stamps) -> _core.FrameAccount:
        """With packets of these stamps read, in units of a second."""
        account = _core.FrameAccount(1, 1, format="")
        for stamp in stamps:
            assert account.read(stamp, None, None, 1, False, False) == (True, stamp, None)
        return account

    def test_hidden_packets_are_no_loss(self):
        account = self.account(0, 1, 2)
        assert account.shown(0) == ([], 0, True)
        assert account.shown(2) == ([], 2, True)  # 1 gave no frame and no failure
        assert account.finish() == []

    def test_failures_find_their_packets(self):
        account = self.account(0, 4, 2, 1, 3)  # coding order
        account.failed()
        assert account.shown(0) == ([], 0, True)
        assert account.shown(2) == ([1], 2, True)
        assert account.shown(4) == ([], 4, True)
        account.failed()
        assert account.read(5, None, None, 1, False, False)[0]
        assert account.finish() == [5]

    def test_pyav_without_an_index_counts_the_same_frames(self, tmp_path, monkeypatch):
        """PyAV before 17 does not show the index: what the file lacks is counted, not placed."""
        path = cut(make_clip(tmp_path / "clip", BY_NAME["h264-mp4"]), 0.6)
        wanted = list(pyav.decode(path))
        monkeypatch.setattr(packet_loss, "_index", lambda *_: None)
        rows = list(pyav.decode(path))
        assert [row.index for row in rows] == list(range(40))
        assert [row.image is None for row in rows] == [row.image is None for row in wanted]

    @pytest.mark.parametrize("name", ["mjpeg-avi", "h264-mkv", "h264-mp4"])
    def test_declared_size(self, name, tmp_path):
        path = make_clip(tmp_path / "clip", BY_NAME[name])
        wanted = 0 if name == "h264-mp4" else path.stat().st_size
        assert _core.declared_size(path) == wanted
        assert _core.declared_size(cut(path, 0.5)) == wanted
