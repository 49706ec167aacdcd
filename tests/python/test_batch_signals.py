"""A signal that ends a run costs no row that was done; a second one ends it at once."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import mien
from mien.batch._checkpoint import Checkpoint
from mien.demo import make_clip

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="no SIGHUP on this system")

# The command line, whose rows leave memory by a signal alone. The first argument is a signal that
# comes after 32 frames, the second one that comes while rows are kept, or 0 for none.
SIGNALLED = """
import os, signal, sys, time
from mien.batch import Report, _checkpoint_writer, _videos
from mien.cli import app

_checkpoint_writer.PART_ROWS = _checkpoint_writer.PART_SECONDS = 10**9
_videos.CHUNK_FRAMES = 16
first, second = int(sys.argv.pop(1)), int(sys.argv.pop(1))
add, flush = Report.add, _checkpoint_writer.CheckpointWriter.flush

def counted(self, part):
    add(self, part)
    if self.frames == 32:
        os.kill(os.getpid(), first)
        time.sleep(0.5)  # the main thread hears of it

def flushed(self):
    if second:
        os.kill(os.getpid(), second)
        time.sleep(60)
    flush(self)

Report.add, _checkpoint_writer.CheckpointWriter.flush = counted, flushed
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
app()
"""


@pytest.fixture(scope="module")
def clip(portrait, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("clips") / "clip.mp4"
    make_clip(portrait, path)
    return path


def run(clip: Path, out: Path, first: int, second: int = 0) -> tuple[int, str]:
    script = [sys.executable, "-c", SIGNALLED, str(int(first)), str(int(second))]
    command = [*script, "analyze", str(clip), "-o", str(out), "--resume", "-q", "--device", "cpu"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM), (signal.SIGHUP, -signal.SIGHUP)],
)
def test_rows_in_memory_are_kept(engine, clip, tmp_path, number, status):
    out = tmp_path / "out.parquet"
    ended, said = run(clip, out, number)
    assert ended == status
    assert "--resume" in said
    kept = Checkpoint(out).files
    assert sum(mien.read_table(file)["frame"].nunique() for file in kept) >= 32
    assert run(clip, out, signal.SIGCONT)[0] == 0
    pd.testing.assert_frame_equal(mien.read_table(out), engine.analyze(clip), check_exact=True)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_second_one_ends_it_at_once(clip, tmp_path, number):
    """By that signal, not by an abort of threads that are still at work."""
    out = tmp_path / "out.parquet"
    ended, said = run(clip, out, signal.SIGINT, number)
    assert ended == -number
    assert "once more ends at once" in said
    assert run(clip, out, signal.SIGCONT)[0] == 0
    assert mien.read_table(out)["frame"].nunique() == 90
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.parquet"]
