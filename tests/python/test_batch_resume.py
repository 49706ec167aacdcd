"""Runs that are killed at any moment and resumed give the rows of an uninterrupted run."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import av
import numpy as np
import pandas as pd
import pytest
from PIL import Image
from typer.testing import CliRunner

import mien
from mien import ReadOptions, batch
from mien.batch import _checkpoint_writer, _videos
from mien.batch._checkpoint import Checkpoint
from mien.cli import app
from mien.demo import make_clip
from mien.formats._writers import TableWriter

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")

# The command line with small parts. The first argument says at which event it is to be killed: just
# before or just after a file gets its name. 0 is never.
KILLED = """
import os, signal, sys
from pathlib import Path
from mien.batch import _checkpoint_writer, _videos
from mien.cli import app

_checkpoint_writer.PART_ROWS, _videos.CHUNK_FRAMES = 16, 16
left = int(sys.argv.pop(1))

def event():
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

def before(descriptor, fsync=os.fsync):
    event()
    fsync(descriptor)

def after(path, target, replace=Path.replace):
    replaced = replace(path, target)
    event()
    return replaced

os.fsync, Path.replace = before, after
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
app()
"""


def start(*args: object, at: int = 0) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", KILLED, str(at), "analyze", "-q", "--device", "cpu"]
    return subprocess.Popen(
        [*command, *map(str, args)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def finish(*args: object, at: int = 0) -> int:
    """Exit status of a run, which must be success or the kill."""
    process = start(*args, at=at)
    out, err = process.communicate(timeout=300)
    assert process.returncode in (0, -signal.SIGKILL), f"{out}\n{err}"
    return process.returncode


def same_rows(got: mien.FaceTable, wanted: mien.FaceTable) -> None:
    pd.testing.assert_frame_equal(got, wanted, check_exact=True)


def looped(source: Path, target: Path, turns: int) -> Path:
    """The source's packets again and again: nothing is encoded anew."""
    with av.open(str(target), "w") as out:
        stream, written = None, 0
        for _ in range(turns):
            with av.open(str(source)) as again:
                video = again.streams.video[0]
                stream = stream or out.add_stream_from_template(video)
                packets = [packet for packet in again.demux(video) if packet.pts is not None]
                step = max(p.pts for p in packets) // (len(packets) - 1)
                for packet in packets:
                    packet.pts += written * step
                    packet.dts += written * step
                    packet.stream = stream
                    out.mux(packet)
                written += len(packets)
    return target


@pytest.fixture(scope="module")
def clip(portrait, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("clips") / "clip.mp4"
    make_clip(portrait, path)
    return path


@pytest.fixture(scope="module")
def clip_table(engine, clip):
    return engine.analyze(clip)


@pytest.fixture(scope="module")
def folder(portrait, clip, tmp_path_factory) -> Path:
    """Two clips and three images, the middle one broken."""
    folder = tmp_path_factory.mktemp("media")
    shutil.copy(clip, folder / "clip.mp4")
    looped(clip, folder / "twice.mp4", 2)
    for i, name in enumerate(["a.png", "b.png", "c.png"]):
        Image.fromarray(np.roll(portrait, 8 * i, axis=1)).save(folder / name)
    return folder


@pytest.fixture
def small_parts(monkeypatch):
    monkeypatch.setattr(_checkpoint_writer, "PART_ROWS", 16)
    monkeypatch.setattr(_videos, "CHUNK_FRAMES", 16)


def run(*inputs: Path, output: Path, resume: bool = True, **read) -> list[batch.Report]:
    engine = read.pop("engine")
    plan = batch.plan([str(path) for path in inputs], output)
    return list(batch.run(engine, plan, ReadOptions(**read), resume=resume))


def interrupted(monkeypatch, engine, clip, output, frames=40, resume=False, **read) -> Checkpoint:
    """What is there after an interrupt in the middle."""
    add = batch.Report.add

    def counted(self, part):
        add(self, part)
        if self.frames > frames:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(batch.Report, "add", counted)
        with pytest.raises(KeyboardInterrupt):
            run(clip, output=output, engine=engine, resume=resume, **read)
    return Checkpoint(output)


class TestKilled:
    def test_at_one_moment_after_the_other(self, clip, clip_table, tmp_path):
        """Each run goes on where the last was killed, and is killed an event later."""
        out = tmp_path / "out.csv"
        kills = 0
        for at in itertools.count(1):
            if finish(clip, "-o", out, "--resume", at=at) == 0:
                break
            kills += 1
            if not out.exists():
                assert Checkpoint(out).files or at == 1
        assert kills >= 4
        same_rows(mien.read_table(out), clip_table)
        assert {p.name for p in tmp_path.iterdir()} == {"out.csv", "out.csv.json"}

    @pytest.mark.parametrize("name", ["all.parquet", "tables"])
    def test_several_inputs_at_work(self, engine, folder, tmp_path, name):
        out = tmp_path / name
        for at in itertools.count(4, 9):
            if finish(folder, "-o", out, "--resume", "--jobs", 2, at=at) == 0:
                break
        got = mien.read_table(out)
        wanted = engine.analyze(folder)
        same_rows(got, wanted)
        assert [p.name for p in tmp_path.rglob("*") if ".part" in p.name] == []

    @pytest.mark.parametrize("part", [0, 5])
    def test_from_outside(self, engine, clip, tmp_path, part):
        long = looped(clip, tmp_path / "long.mp4", 3)
        out = tmp_path / "out.parquet"
        process = start(long, "-o", out)
        wait_for(out, part + 1, process)
        process.kill()
        process.communicate()
        assert not out.exists()
        assert finish(long, "-o", out, "--resume") == 0
        same_rows(mien.read_table(out), engine.analyze(long))

    def test_interrupted_by_the_user(self, engine, clip, tmp_path):
        long = looped(clip, tmp_path / "long.mp4", 3)
        out = tmp_path / "out.parquet"
        process = start(long, "-o", out)
        wait_for(out, 2, process)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        assert process.returncode not in (0, 1)
        assert "--resume" in err
        assert len(Checkpoint(out).files) >= 2
        assert finish(long, "-o", out, "--resume") == 0
        same_rows(mien.read_table(out), engine.analyze(long))


def wait_for(out: Path, parts: int, process: subprocess.Popen[str]) -> None:
    while len(Checkpoint(out).files) < parts:
        assert process.poll() is None, process.communicate()
        time.sleep(0.002)


@pytest.mark.usefixtures("small_parts")
class TestResume:
    def test_goes_on_and_says_so(self, monkeypatch, engine, clip, clip_table, tmp_path):
        out = tmp_path / "out.parquet"
        done = interrupted(monkeypatch, engine, clip, out)
        assert [mien.read_table(file).frame.nunique() for file in done.files] == [16, 16, 16]
        (report,) = run(clip, output=out, engine=engine)
        assert (report.resumed, report.frames, report.error) == (48, 90, None)
        assert report.rows == len(clip_table)
        assert report.tracks == clip_table.track.nunique()
        same_rows(mien.read_table(out), clip_table)

    @pytest.mark.parametrize(
        "read", [{}, {"detect": "every"}, {"every": 2, "start": 0.4, "end": 6.0}]
    )
    def test_faces_that_come_and_go(self, monkeypatch, engine, media, tmp_path, read):
        """And tracks that go on."""
        clip, out = media("face_noface.mov"), tmp_path / "out.parquet"
        for frames in (16, 33, 50):
            interrupted(monkeypatch, engine, clip, out, frames, resume=True, **read)
        (report,) = run(clip, output=out, engine=engine, **read)
        wanted = engine.analyze(clip, **read)
        assert report.resumed >= min(64, wanted.frame.nunique() // 16 * 16)
        assert {"ok", "no_face"} <= set(wanted.status)
        same_rows(mien.read_table(out), wanted)

    def test_what_is_finished_is_not_done_again(self, monkeypatch, engine, folder, tmp_path):
        out = tmp_path / "out"
        run(folder, output=out, engine=engine)
        before = {p.name: p.stat().st_mtime_ns for p in out.iterdir()}
        monkeypatch.delattr(engine.__class__, "_analysis")
        reports = run(folder, output=out, engine=engine)
        assert len(reports) == 5
        assert all(report.kept and report.error is None for report in reports)
        assert {p.name: p.stat().st_mtime_ns for p in out.iterdir()} == before

    @pytest.mark.parametrize("left", [[], ["000001.0123abcd.16-31.parquet"], ["000001.parquet"]])
    def test_parts_of_a_finished_target_go(self, engine, clip, tmp_path, left):
        """The run that finished it was killed while it removed them."""
        out = tmp_path / "out.parquet"
        run(clip, output=out, engine=engine)
        Checkpoint(out).folder.mkdir()
        for name in left:
            shutil.copy(out, Checkpoint(out).folder / name)
        (report,) = run(clip, output=out, engine=engine)
        assert report.kept
        assert not Checkpoint(out).exists

    def test_parts_go_last_first(self, monkeypatch, engine, clip, tmp_path):
        """Stale rows never stand behind a gap that a later run would fill."""
        out = tmp_path / "out.parquet"
        files = list(interrupted(monkeypatch, engine, clip, out).files)
        unlink = Path.unlink

        def killed(path, missing_ok=False):
            if path == files[1]:
                raise KeyboardInterrupt
            unlink(path, missing_ok)

        with monkeypatch.context() as patch:
            patch.setattr(Path, "unlink", killed)
            with pytest.raises(KeyboardInterrupt):
                Checkpoint(out).remove()
        assert Checkpoint(out).files == files[:2]
        assert sorted(Checkpoint(out).folder.iterdir()) == files[:2]

    def test_one_table_for_all_that_is_finished(self, monkeypatch, engine, folder, tmp_path):
        out = tmp_path / "all.csv"
        run(folder, output=out, engine=engine)
        monkeypatch.delattr(engine.__class__, "_analysis")
        assert all(report.kept for report in run(folder, output=out, engine=engine))
        assert sorted(p.name for p in tmp_path.iterdir()) == ["all.csv", "all.csv.json"]

    def test_a_table_that_the_engine_wrote_by_itself_is_made_anew(self, engine, clip, tmp_path):
        """Its provenance doesn't say of which size and age the file was."""
        out = tmp_path / "out.parquet"
        engine.analyze(clip).save(out)
        (report,) = run(clip, output=out, engine=engine)
        assert report.error is None
        assert "doesn't say what it was made of" in report.note
        same_rows(mien.read_table(out), engine.analyze(clip))

    def test_says_kept_on_the_command_line(self, clip, tmp_path):
        args = ["analyze", str(clip), "-o", str(tmp_path / "o.parquet"), "--resume"]
        assert "done" in CliRunner().invoke(app, args).stdout
        again = CliRunner().invoke(app, args)
        assert again.exit_code == 0
        assert again.stdout.startswith("kept")

    def test_only_what_is_missing_is_done(self, engine, folder, tmp_path):
        out = tmp_path / "out"
        run(folder, output=out, engine=engine)
        (out / "b.parquet").unlink()
        (out / "twice.parquet").unlink()
        reports = run(folder, output=out, engine=engine)
        assert [Path(r.name).name for r in reports if not r.kept] == ["b.png", "twice.mp4"]
        same_rows(mien.read_table(out / "b.parquet"), engine.analyze(folder / "b.png"))

    def test_without_resume_it_begins_anew_and_says_so(
        self, monkeypatch, engine, clip, clip_table, tmp_path
    ):
        out = tmp_path / "out.parquet"
        interrupted(monkeypatch, engine, clip, out)
        (report,) = run(clip, output=out, engine=engine, resume=False)
        assert "interrupted" in report.note
        assert report.resumed == 0
        same_rows(mien.read_table(out), clip_table)
        assert not Checkpoint(out).exists

    @pytest.mark.parametrize("stage", ["parts", "target"])
    def test_other_options_are_refused(self, monkeypatch, engine, clip, tmp_path, stage):
        out = tmp_path / "out.parquet"
        if stage == "parts":
            interrupted(monkeypatch, engine, clip, out)
        else:
            run(clip, output=out, engine=engine)
        before = {p: p.read_bytes() for p in tmp_path.rglob("*.parquet") if p.is_file()}
        other = mien.Engine(device="cpu", threads=1, max_faces=3)
        (report,) = run(clip, output=out, engine=other)
        assert "max_faces: 64, now 3" in report.error
        (report,) = run(clip, output=out, engine=engine, every=2)
        assert "every: 1, now 2" in report.error
        (report,) = run(clip, output=out, engine=engine, detect="every")
        assert "detect every" in report.error
        assert {p: p.read_bytes() for p in tmp_path.rglob("*.parquet") if p.is_file()} == before

    def test_threads_and_batch_size_are_free(self, monkeypatch, engine, clip, clip_table, tmp_path):
        out = tmp_path / "out.parquet"
        interrupted(monkeypatch, engine, clip, out)
        other = mien.Engine(device="cpu", threads=1, batch_size=3)
        (report,) = run(clip, output=out, engine=other)
        assert report.resumed == 48
        same_rows(mien.read_table(out), clip_table)

    def test_another_file_of_that_name_is_refused(self, monkeypatch, engine, clip, tmp_path):
        mine = tmp_path / "clip.mp4"
        shutil.copy(clip, mine)
        out = tmp_path / "out.parquet"
        interrupted(monkeypatch, engine, mine, out)
        os.utime(mine, (1e9, 1e9))
        (report,) = run(mine, output=out, engine=engine)
        assert "clip.mp4" in report.error
        assert "leave out resume" in report.error

    def test_a_part_that_is_missing_ends_the_parts(
        self, monkeypatch, engine, clip, clip_table, tmp_path
    ):
        out = tmp_path / "out.parquet"
        interrupted(monkeypatch, engine, clip, out).files[1].unlink()
        (report,) = run(clip, output=out, engine=engine)
        assert report.resumed == 16
        same_rows(mien.read_table(out), clip_table)

    @pytest.mark.parametrize("part", [0, 1, 2])
    @pytest.mark.parametrize("damage", [b"", b"PAR1", "zeros", "cut", "renamed"])
    def test_a_damaged_part_is_made_anew_with_all_behind_it(
        self, monkeypatch, engine, clip, clip_table, tmp_path, part, damage
    ):
        out = tmp_path / "out.parquet"
        file = interrupted(monkeypatch, engine, clip, out).files[part]
        content = file.read_bytes()
        if damage == "renamed":  # it has other rows than its name says
            file.rename(file.with_name(file.name.replace(f"-{16 * part + 15}.", "-99.")))
        elif isinstance(damage, bytes):
            file.write_bytes(damage)
        else:
            file.write_bytes(bytes(len(content)) if damage == "zeros" else content[:-300])
        (report,) = run(clip, output=out, engine=engine)
        assert (report.error, report.resumed) == (None, 16 * part)
        assert "made anew behind frame" in report.note
        same_rows(mien.read_table(out), clip_table)

    def test_a_part_of_another_run_is_not_taken(
        self, monkeypatch, engine, clip, clip_table, tmp_path
    ):
        """The last part has another run's name, as of two that wrote at once."""
        out = tmp_path / "out.parquet"
        *_, last = interrupted(monkeypatch, engine, clip, out).files
        number, _, rest = last.name.split(".", 2)
        last.rename(last.with_name(f"{number}.{'f' * 8}.{rest}"))
        (report,) = run(clip, output=out, engine=engine)
        assert report.resumed == 32
        same_rows(mien.read_table(out), clip_table)

    def test_a_table_that_lacks_an_input_is_made_anew(self, engine, folder, clip, tmp_path):
        out = tmp_path / "all.parquet"
        run(folder / "a.png", clip, output=out, engine=engine)
        first, *_ = run(folder / "a.png", clip, folder / "b.png", output=out, engine=engine)
        assert "lacks" in first.note
        assert mien.read_table(out).input.nunique() == 3

    def test_a_table_of_something_else_is_refused(self, engine, folder, clip, tmp_path):
        out = tmp_path / "all.parquet"
        run(folder / "a.png", clip, output=out, engine=engine)
        with pytest.raises(mien.OptionError, match=r"a\.png"):
            run(folder / "b.png", clip, output=out, engine=engine)

    def test_an_output_that_cannot_be_written_is_known_before_the_work(
        self, engine, clip, tmp_path
    ):
        out = tmp_path / "out.parquet"
        out.mkdir()
        todo = batch.Plan(
            batch.plan([str(clip)], tmp_path / "x.parquet").inputs, [], out, "parquet"
        )
        todo = batch.Plan([(source, out) for source, _ in todo.inputs], [], out, "parquet")
        (report,) = batch.run(engine, todo)
        assert "is a folder" in report.error
        assert report.frames == 0


def test_groups_of_a_file_do_not_tell_how_rows_came(table, tmp_path, monkeypatch):
    from pyarrow import parquet

    from mien.formats import _writers as writers

    monkeypatch.setattr(writers, "GROUP_ROWS", 5)
    made = []
    for size in (1, 4, 7, len(table)):
        path = tmp_path / f"{size}.parquet"
        with TableWriter(path, {}) as writer:
            for i in range(0, len(table), size):
                writer.write(table[i : i + size])
        made.append(path.read_bytes())
        groups = parquet.ParquetFile(path).metadata
        sizes = [groups.row_group(i).num_rows for i in range(groups.num_row_groups)]
        assert sizes[:-1] == [5] * (len(sizes) - 1)
        assert sum(sizes) == len(table)
    assert len(set(made)) == 1
