"""Files whose clock starts again, jumps, lies or isn't there; and what a header may promise."""

from __future__ import annotations

import math
import os
import struct

import av
import numpy as np
import pytest
from media import BY_NAME, Clip, Recipe, make_clip

import mien
from mien import _core
from mien.errors import InputError, OptionError
from mien.media import _pyav as pyav
from mien.media.kinds import kind_of

RAW = (
    Recipe("mjpeg", "mjpeg", ".mjpeg", "yuvj420p", options={"qscale": "3"}),
    Recipe("h264", "libx264", ".h264", options={"preset": "fast", "bf": "2"}),
    Recipe("hevc", "libx265", ".hevc",
           options={"preset": "ultrafast", "x265-params": "log-level=none"}),
)  # fmt: skip


def joined(tmp_path, first=40, second=30):
    """cat a.ts b.ts > joined.ts"""
    a = make_clip(tmp_path / "a", BY_NAME["h264-ts"], Clip(first))
    b = make_clip(tmp_path / "b", BY_NAME["h264-ts"], Clip(second))
    path = tmp_path / "joined.ts"
    path.write_bytes(a.read_bytes() + b.read_bytes())
    return path


def retimed(tmp_path, late):
    """An MP4 file of 40 frames, some shown later by so many frames: {index: frames}."""
    source = make_clip(tmp_path / "even", BY_NAME["mjpeg-mov"])
    path = tmp_path / "uneven.mp4"
    with av.open(str(source)) as clip, av.open(str(path), "w") as out:
        stream = out.add_stream_from_template(clip.streams.video[0])
        for index, packet in enumerate(p for p in clip.demux(video=0) if p.size):
            step = packet.duration
            packet.pts += late.get(index, 0) * step
            packet.stream = stream
            out.mux(packet)
    return path


class TestJoinedStreams:
    def test_time_goes_on(self, read_notes, tmp_path):
        times, notes = read_notes(joined(tmp_path))
        assert len(times) == 70
        np.testing.assert_allclose(np.diff(times), 1 / 25, atol=1e-4)
        (note,) = notes
        assert note.startswith(f"joined at {times[40]:.3f} s")

    def test_windows_find_frames_on_both_sides(self, read, tmp_path):
        path = joined(tmp_path)
        begin = read(path)[0].time - 1e-3
        assert [r.index for r in read(path, start=begin + 2)] == list(range(50, 70))
        assert [r.index for r in read(path, start=begin + 1, end=begin + 2)] == list(range(25, 50))

    def test_readers_agree(self, both, tmp_path):
        core, pyav = both(joined(tmp_path))
        assert [row[:3] for row in core] == [row[:3] for row in pyav]

    def test_provenance_says_where(self, engine, tmp_path):
        table = engine.analyze(joined(tmp_path))
        assert table["time"].is_monotonic_increasing
        assert table.provenance["inputs"][0]["notes"][0].startswith("joined at")


class TestTimesThatGoBack:
    LATE = {10: 100}  # noqa: RUF012 (read only)

    def test_none_is_handed_on(self, read_notes, tmp_path):
        times, notes = read_notes(retimed(tmp_path, self.LATE))
        known = [time for time in times if not math.isnan(time)]
        assert len(times) == 40
        assert known == sorted(known)
        assert any("without a time" in note for note in notes)

    def test_a_late_frame_does_not_end_the_window(self, read, tmp_path):
        rows = read(retimed(tmp_path, self.LATE), end=1.2)
        assert [row.index for row in rows] == [*range(10), *range(11, 30)]
        assert not any(math.isnan(row.time) for row in rows)


class TestRawStreams:
    @pytest.mark.parametrize("recipe", RAW, ids=str)
    def test_no_rate_is_invented(self, recipe, read, read_notes, probe, tmp_path):
        path = make_clip(tmp_path / "clip", recipe)
        assert kind_of(path) == "video"
        rows = read(path)
        assert [row.status for row in rows] == ["ok"] * 40
        assert all(math.isnan(row.time) for row in rows)
        assert read_notes(path)[1] == ["no times: a raw stream has no clock; fps= gives it one"]
        assert probe(path)["frame_rate"] == 0

    @pytest.mark.parametrize("recipe", RAW, ids=str)
    def test_a_rate_gives_times(self, recipe, read, tmp_path):
        path = make_clip(tmp_path / "clip", recipe)
        np.testing.assert_allclose([r.time for r in read(path, fps=10)], np.arange(40) / 10)
        assert [r.index for r in read(path, fps=10, start=1, end=2)] == list(range(10, 20))

    def test_a_window_wants_a_rate(self, read, tmp_path):
        with pytest.raises(OptionError, match="start, end: wanted fps"):
            read(make_clip(tmp_path / "clip", RAW[0]), start=1)

    def test_a_clock_wants_none(self, read, tmp_path):
        with pytest.raises(OptionError, match="fps: wanted only for what has no times"):
            read(make_clip(tmp_path / "clip", BY_NAME["mpeg4-avi"]), fps=25)

    def test_the_engine_takes_a_rate(self, engine, tmp_path):
        path = make_clip(tmp_path / "clip", RAW[0], Clip(6))
        table = engine.analyze(path, fps=50)
        np.testing.assert_allclose(table["time"], np.arange(6) / 50)
        assert table.provenance["inputs"][0]["fps"] == 50
        without = engine.analyze(path)
        assert without["time"].isna().all()
        assert without.provenance["inputs"][0]["fps"] is None
        assert "fps=" in without.provenance["inputs"][0]["notes"][0]
        assert next(iter(mien.read_frames(path, fps=50, start=0.1))).index == 5


def patched(path, *changes):
    """A copy with bytes replaced: (what to look for, offset behind it, new bytes)."""
    data = bytearray(path.read_bytes())
    for mark, offset, new in changes:
        at = data.index(mark) + len(mark) + offset
        data[at : at + len(new)] = new
    path = path.with_stem("patched")
    path.write_bytes(data)
    return path


class TestPromises:
    @pytest.mark.parametrize("duration", [1e300, 1e15, math.inf, math.nan, -1.0])
    def test_matroska_duration(self, duration, read_notes, tmp_path):
        clip = make_clip(tmp_path / "clip", BY_NAME["h264-mkv"])
        path = patched(clip, (b"\x44\x89\x88", 0, struct.pack(">d", duration)))
        assert len(read_notes(path)[0]) == 40

    def test_matroska_duration_of_the_stream(self, read_notes, tmp_path):
        clip = make_clip(tmp_path / "clip", BY_NAME["h264-mkv"])
        tag = b"00:00:01.600000000"
        path = patched(clip, (tag, -len(tag), b"99999999:00:00.000"))
        times, notes = read_notes(path)
        assert len(times) == 40
        assert any("promised" in note for note in notes)

    def test_ten_million_samples(self, read_notes, tmp_path):
        many = struct.pack(">I", 10_000_000)
        clip = make_clip(tmp_path / "clip", BY_NAME["mjpeg-mov"])
        path = patched(
            clip,
            (b"stts", 8, many),
            (b"stsc", 12, many),
            (b"stsz", 4, struct.pack(">I", 1000) + many),
        )
        assert len(read_notes(path)[0]) < 2000


class TestRefused:
    @pytest.mark.parametrize("text", ["#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:1.6,\nclip.ts\n",
                                      "ffconcat version 1.0\nfile clip.ts\n"],
                             ids=["hls", "concat"])  # fmt: skip
    @pytest.mark.parametrize("suffix", [".mp4", ".m3u8", ".ts"])
    def test_playlists(self, suffix, text, read, tmp_path):
        make_clip(tmp_path / "clip", BY_NAME["h264-ts"])
        path = (tmp_path / "list").with_suffix(suffix)
        path.write_text(text)
        with pytest.raises(InputError, match="can't be opened as a video"):
            read(path)

    def test_a_pipe(self, read, tmp_path):
        path = tmp_path / "pipe.mp4"
        os.mkfifo(path)
        with pytest.raises(InputError, match="a pipe or device"):
            read(path)

    def test_frames_beyond_the_limit(self, read, tmp_path):
        """A GIF's header, an image of one pixel, and the end."""
        side = 60_000
        head = b"GIF89a" + struct.pack("<HHBBB", side, side, 0x80, 0, 0) + bytes(6)
        image = b"," + struct.pack("<HHHHB", 0, 0, side, side, 0) + b"\x02\x02\x44\x01\x00;"
        path = tmp_path / "large.gif"
        path.write_bytes(head + image)
        with pytest.raises(InputError, match=r"too large; wanted at most 67108864 pixels"):
            read(path)

    def test_no_progress(self, tmp_path, monkeypatch):
        monkeypatch.setattr(_core, "MAX_SECONDS_WITHOUT_PACKET", 1e-9)
        with pytest.raises(InputError, match="no packet in 1e-09 s"):
            list(pyav.decode(make_clip(tmp_path / "clip", BY_NAME["h264-mp4"])))
