"""What goes wrong with one input, of whatever kind, is its report's; what somebody does to files
that a run works on is told, and costs only what is gone.
"""

from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from PIL import Image

import mien
from mien import ReadOptions, batch
from mien._engine.analysis import Analysis
from mien.batch import _checkpoint_writer, _videos
from mien.batch._checkpoint import Checkpoint
from mien.batch._checkpoint_writer import CheckpointWriter
from mien.demo import make_clip
from mien.errors import ResourceError
from mien.media import images

KINDS = [
    MemoryError(),
    RecursionError("maximum recursion depth exceeded"),
    OSError(5, "Input/output error"),
    PermissionError(13, "Permission denied"),
    UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
    UnicodeEncodeError("utf-8", "\udce9", 0, 1, "surrogates not allowed"),
    KeyError("frame"),
    ZeroDivisionError("division by zero"),
    AssertionError(),
    RuntimeError("can't start new thread"),
    pa.ArrowMemoryError("malloc of size 64 failed"),
    mien.ProviderError("out of device memory"),
]
EVERY = ReadOptions(every=3)


@pytest.fixture(scope="module")
def folder(portrait, tmp_path_factory) -> Path:
    """Three images, then two clips."""
    folder = tmp_path_factory.mktemp("media")
    for i, name in enumerate(["a0.png", "a1.png", "a2.png"]):
        Image.fromarray(np.roll(portrait, 8 * i, axis=1)).save(folder / name)
    make_clip(portrait, folder / "b0.mp4")
    shutil.copy(folder / "b0.mp4", folder / "b1.mp4")
    return folder


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    """Of 8 of the 30 frames that a clip has here; the last 6 stay in memory."""
    monkeypatch.setattr(_checkpoint_writer, "PART_ROWS", 8)
    monkeypatch.setattr(_videos, "CHUNK_FRAMES", 8)


def run(engine, inputs, output: Path, *, resume: bool = False) -> dict[str, batch.Report]:
    """Reports by the name of their file."""
    plan = batch.plan([str(path) for path in np.atleast_1d(inputs)], output)
    return {
        Path(report.name).name: report for report in batch.run(engine, plan, EVERY, resume=resume)
    }


def same_rows(path: Path, wanted: mien.FaceTable) -> None:
    pd.testing.assert_frame_equal(mien.read_table(path), wanted, check_exact=True)


class TestErrorsOfAnyKind:
    @pytest.fixture
    def breaks(self, monkeypatch):
        """An image and a video, by an error of this kind."""
        table, read = Analysis.table, images.read_shrunk

        def install(error):
            def breaks_video(self, rows):
                if rows and rows[0].source.name.endswith("b0.mp4"):
                    raise error
                return table(self, rows)

            def breaks_image(path, *limits):
                if Path(path).name == "a1.png":
                    raise error
                return read(path, *limits)

            monkeypatch.setattr(Analysis, "table", breaks_video)
            monkeypatch.setattr(images, "read_shrunk", breaks_image)

        return install

    @pytest.mark.parametrize("error", KINDS, ids=lambda error: type(error).__name__)
    def test_the_others_are_done(self, breaks, engine, folder, tmp_path, error):
        breaks(error)
        inputs = [folder / name for name in ("a0.png", "a1.png", "a2.png", "b0.mp4")]
        reports = run(engine, inputs, tmp_path / "tables")
        assert [name for name, report in reports.items() if report.error] == ["a1.png", "b0.mp4"]
        assert [report.rows for report in reports.values()] == [1, 0, 1, 0]
        for failed in (reports["a1.png"], reports["b0.mp4"]):
            assert str(error) in failed.error
            if not isinstance(error, mien.MienError):
                assert f"{failed.name}: {type(error).__name__}" in failed.error
                assert ".py:" in failed.error

    @pytest.mark.parametrize("name", ["tables", "all.csv"])
    def test_a_later_run_does_what_failed_alone(
        self, monkeypatch, breaks, engine, folder, tmp_path, name
    ):
        output = tmp_path / name
        breaks(MemoryError())
        reports = run(engine, folder, output)
        assert [name for name, report in reports.items() if report.error] == ["a1.png", "b0.mp4"]
        done = [str(folder / name) for name in ("a0.png", "a2.png", "b1.mp4")]
        assert list(mien.read_table(output)["input"].unique()) == done
        monkeypatch.undo()
        again = run(engine, folder, output, resume=True)
        assert [report.error for report in again.values()] == [None] * 5
        assert again["b1.mp4"].kept
        same_rows(output, engine.analyze(folder, every=3))

    def test_an_image_of_which_nothing_is_heard(self, breaks, engine, folder, tmp_path):
        """An iterator that ends too early is no success."""
        breaks(StopIteration())
        reports = run(engine, [folder / "a0.png", folder / "a1.png"], tmp_path / "tables")
        assert reports["a0.png"].error is None
        assert "a1.png: " in reports["a1.png"].error

    @pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
    def test_an_interrupt_is_none(self, monkeypatch, engine, folder, tmp_path, error):
        def raises(*_: object):
            raise error

        monkeypatch.setattr(Analysis, "table", raises)
        with pytest.raises(error):
            run(engine, folder, tmp_path / "tables")

    def test_no_thread_for_a_job(self, monkeypatch, engine, folder, tmp_path):
        def refused(_):
            raise RuntimeError("can't start new thread")

        monkeypatch.setattr(threading.Thread, "start", refused)
        with pytest.raises(ResourceError, match="jobs: wanted a thread, got: can't start"):
            run(engine, folder, tmp_path / "tables")

    def test_rows_before_it_are_kept_for_a_later_run(self, monkeypatch, engine, folder, tmp_path):
        monkeypatch.setattr(_checkpoint_writer, "PART_ROWS", 1000)
        out, add = tmp_path / "out.parquet", batch.Report.add

        def breaks(self, part):
            add(self, part)
            if self.frames == 16:
                raise MemoryError

        with monkeypatch.context() as patch:
            patch.setattr(batch.Report, "add", breaks)
            (report,) = run(engine, folder / "b0.mp4", out).values()
        assert "MemoryError" in report.error
        (report,) = run(engine, folder / "b0.mp4", out, resume=True).values()
        assert (report.error, report.resumed) == (None, 16)
        same_rows(out, engine.analyze(folder / "b0.mp4", every=3))


class TestRemovedUnderTheRun:
    """In front of the part that would have been the third."""

    @pytest.fixture
    def at_third_part(self, monkeypatch):
        def install(what):
            flush, done = CheckpointWriter.flush, []

            def flushed(self):
                flush(self)
                if len(self.checkpoint.files) == 2 and not done:
                    done.append(True)
                    what(self.checkpoint)

            monkeypatch.setattr(CheckpointWriter, "flush", flushed)

        return install

    @pytest.mark.parametrize("what", ["parts", "first", "second"])
    def test_parts(self, engine, folder, tmp_path, at_third_part, what):
        """What is left is in the target, which says that it lacks something."""
        out = tmp_path / "out.parquet"
        at_third_part(
            lambda parts: (
                shutil.rmtree(parts.folder)
                if what == "parts"
                else parts.files[what == "second"].unlink()
            )
        )
        clip = folder / "b0.mp4"
        (report,) = run(engine, clip, out).values()
        assert "removed while the run was at work" in report.error
        left = mien.read_table(out)
        first, frames = {"parts": (48, 8), "first": (24, 16), "second": (0, 16)}[what]
        assert left["frame"].min() == first
        assert left["frame"].nunique() == report.frames == frames
        assert left.provenance["errors"][0]["error"] == report.error
        assert report.target == out
        (again,) = run(engine, clip, out, resume=True).values()
        assert "made anew" in again.note
        same_rows(out, engine.analyze(clip, every=3))
        assert [path.name for path in tmp_path.iterdir()] == ["out.parquet"]

    def test_the_folder_of_a_short_table(self, monkeypatch, engine, folder, tmp_path):
        """All rows are in memory: the folder is made again."""
        monkeypatch.setattr(_checkpoint_writer, "PART_ROWS", 1000)
        finish = CheckpointWriter.finish

        def finished(self, more):
            shutil.rmtree(tmp_path / "tables")
            finish(self, more)

        monkeypatch.setattr(CheckpointWriter, "finish", finished)
        (report,) = run(engine, [folder / "b0.mp4"], tmp_path / "tables").values()
        assert (report.error, report.frames) == (None, 30)
        same_rows(tmp_path / "tables" / "b0.parquet", engine.analyze(folder / "b0.mp4", every=3))

    def test_the_target(self, engine, folder, tmp_path, at_third_part):
        out = tmp_path / "out.parquet"
        out.write_bytes(b"older")
        at_third_part(lambda _: out.unlink())
        (report,) = run(engine, folder / "b0.mp4", out).values()
        assert report.error is None
        same_rows(out, engine.analyze(folder / "b0.mp4", every=3))

    def test_the_target_while_it_is_written(self, monkeypatch, engine, folder, tmp_path):
        """Its rows are parts then, from which a later run goes on."""
        replace = Path.replace

        def removed(self, target):
            if Path(target).name == "out.parquet":
                self.unlink()
            return replace(self, target)

        out = tmp_path / "out.parquet"
        with monkeypatch.context() as patch:
            patch.setattr(_checkpoint_writer, "PART_ROWS", 1000)
            patch.setattr(Path, "replace", removed)
            (report,) = run(engine, folder / "b0.mp4", out).values()
        assert "was removed while it was written" in report.error
        assert (report.target, out.exists()) == (None, False)
        (report,) = run(engine, folder / "b0.mp4", out, resume=True).values()
        assert (report.error, report.resumed) == (None, 24)  # the last piece is a short one
        same_rows(out, engine.analyze(folder / "b0.mp4", every=3))

    def test_tables_of_one_for_all(self, monkeypatch, engine, folder, tmp_path):
        """The first clip's, when the second has begun: only that is made anew."""
        out, finish = tmp_path / "all.parquet", CheckpointWriter.finish

        def finished(self, more):
            finish(self, more)
            if self._target.name == "b1.parquet":
                self._target.with_name("b0.parquet").unlink()

        with monkeypatch.context() as patch:
            patch.setattr(CheckpointWriter, "finish", finished)
            plan = batch.plan([str(folder)], out)
            with pytest.raises(mien.OutputError, match="lacks the rows of 1 of 3 tables"):
                list(batch.run(engine, plan, EVERY, jobs=1))
        assert mien.read_table(out)["input"].nunique() == 4
        reports = run(engine, folder, out, resume=True)
        assert [name for name, report in reports.items() if not report.kept] == ["b0.mp4"]
        same_rows(out, engine.analyze(folder, every=3))
        assert [path.name for path in tmp_path.iterdir()] == ["all.parquet"]

    def test_parts_that_something_else_has_changed(self, monkeypatch, engine, folder, tmp_path):
        """A whole part with a frame less: no table is made of it."""
        out, finish = tmp_path / "out.parquet", CheckpointWriter.finish

        def finished(self, more):
            part = self.checkpoint.files[1]
            table = mien.read_table(part)
            table[table["frame"] != 27].save(part)
            finish(self, more)

        with monkeypatch.context() as patch:
            patch.setattr(CheckpointWriter, "finish", finished)
            (report,) = run(engine, folder / "b0.mp4", out).values()
        assert "wanted 30 rows of 30 frames, got 29 rows of 29 frames" in report.error
        assert not out.exists()

    def test_a_part_damaged_under_the_run(self, monkeypatch, engine, folder, tmp_path):
        out, finish = tmp_path / "out.parquet", CheckpointWriter.finish

        def finished(self, more):
            self.checkpoint.files[1].write_bytes(b"PAR1")
            finish(self, more)

        with monkeypatch.context() as patch:
            patch.setattr(CheckpointWriter, "finish", finished)
            (report,) = run(engine, folder / "b0.mp4", out).values()
        assert ".24-45.parquet" in report.error
        assert not out.exists()
        (report,) = run(engine, folder / "b0.mp4", out, resume=True).values()
        assert report.resumed == 8
        same_rows(out, engine.analyze(folder / "b0.mp4", every=3))


class TestInputsThatChange:
    @pytest.mark.parametrize("change", ["grows", "is touched", "goes"])
    @pytest.mark.parametrize("name", ["b0.mp4", "a0.png"])
    def test_while_they_are_read(self, monkeypatch, engine, folder, tmp_path, name, change):
        mine = tmp_path / name
        shutil.copy(folder / name, mine)
        events = Analysis.events

        def changed(self, *args, **named):
            for event in events(self, *args, **named):
                if mine.exists():
                    if change == "grows":
                        mine.write_bytes(mine.read_bytes() + b"more")
                    elif change == "is touched":
                        os.utime(mine, (1e9, 1e9))
                    else:
                        mine.unlink()
                yield event

        out = tmp_path / "out.parquet"
        with monkeypatch.context() as patch:
            patch.setattr(Analysis, "events", changed)
            (report,) = run(engine, mine, out).values()
        said = "can't be read" if change == "goes" else "changed while it was read"
        assert f"{mine}: {said}" in report.error
        if name == "b0.mp4":  # rows are kept, and the table says what they are
            assert report.target == out
            assert mien.read_table(out).provenance["errors"][0]["error"] == report.error
        shutil.copy(folder / name, mine)
        (report,) = run(engine, mine, out).values()
        assert report.error is None
        same_rows(out, engine.analyze(mine, every=3))


def test_a_name_is_on_disk_before_a_run_goes_on(monkeypatch, engine, folder, tmp_path):
    """Folders are synced: after renames, and after a folder for parts is made."""
    synced, fsync = [], os.fsync

    def noted(descriptor):
        synced.append(os.readlink(f"/proc/self/fd/{descriptor}"))  # noqa: PTH115
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    run(engine, folder / "b0.mp4", tmp_path / "out.parquet")
    parts = str(Checkpoint(tmp_path / "out.parquet").folder)
    assert synced.count(parts) == 3
    assert synced.count(str(tmp_path)) == 2
