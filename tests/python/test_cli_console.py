"""What commands show: names as they are, numbers with nouns, and streams that take no more."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

import mien
from mien.cli import _console, app

linux = pytest.mark.skipif(sys.platform != "linux", reason="/dev/full, names of any bytes")


def images(folder: Path, *names: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name in names:
        Image.new("RGB", (32, 32)).save(folder / name, format="PNG")
    return folder


def process(*args: object, **how) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mien", *map(str, args)]
    return subprocess.run(command, text=True, check=False, timeout=300, **how)


def test_a_failure_names_its_file_once(tmp_path):
    folder = images(tmp_path / "in", "a.png")
    (folder / "b.png").write_text("no image")
    args = ["analyze", str(folder), "-o", str(tmp_path / "out")]
    done = CliRunner().invoke(app, args)
    (failed,) = [line for line in done.stdout.splitlines() if line.startswith("failed")]
    assert failed.count("b.png") == 1
    assert "b.png: not an image" in failed
    assert "1 of 2 inputs failed" in done.stderr


def test_one_of_each(tmp_path):
    args = ["analyze", str(images(tmp_path / "in", "a.png")), "-o", str(tmp_path / "out.csv")]
    said = CliRunner().invoke(app, args).stdout
    assert "1 row (no_face 1), face in 0 % of 1 frame, 0 tracks" in said


def test_a_folder_says_what_it_skipped(tmp_path):
    folder = images(tmp_path / "in", "a.png")
    (folder / "notes.txt").touch()
    (folder / "raw.dng").touch()
    done = CliRunner().invoke(app, ["analyze", str(folder), "-o", str(tmp_path / "out")])
    assert "2 files skipped" in done.stderr
    assert "raw.dng" in done.stderr
    assert "notes.txt" in done.stderr
    assert done.exit_code == 0


def test_nothing_in_a_name_is_obeyed():
    assert _console.shown("a\x1b[31mb\x07\x9bc[red]é\n") == "a\\x1b[31mb\\x07\\x9bc\\[red]é\n"
    assert _console.shown("\udce9") == "\\udce9"


@linux
def test_escape_codes_in_names(tmp_path):
    folder = images(tmp_path / "in", "a\x1b]0;title\x07.png")
    done = CliRunner().invoke(app, ["analyze", str(folder), "-o", str(tmp_path / "out")])
    assert "\\x1b]0;title\\x07.png" in done.stdout
    assert "\x1b" not in done.stdout + done.stderr


@linux
def test_pipes_fail_at_once_and_cost_only_themselves(tmp_path):
    folder = images(tmp_path / "in", "a.png")
    os.mkfifo(folder / "pipe.mp4")
    output = tmp_path / "out"
    args = ("analyze", folder / "pipe.mp4", folder / "a.png", "/dev/stdin", "-o", output)
    done = process(*args, stdin=subprocess.PIPE, capture_output=True)
    assert done.returncode == 1
    assert done.stdout.count("got a pipe: save it to a file first") == 2
    assert (output / "a.parquet").exists()


@linux
@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_full_disk_behind_a_stream_ends_no_work(tmp_path, stream):
    folder = images(tmp_path / "in", *(f"{i}.png" for i in range(40)))
    (folder / "notes.txt").touch()
    output = tmp_path / "all.parquet"
    other = "stderr" if stream == "stdout" else "stdout"
    with open("/dev/full", "w") as full:  # noqa: PTH123 (a stream, not a file)
        to = {stream: full, other: subprocess.PIPE}
        done = process("analyze", folder, "-o", output, **to)
    assert done.returncode == 0
    assert mien.read_table(output).input.nunique() == 40
    if stream == "stdout":
        assert "stdout takes no more text: No space left on device" in done.stderr
        assert "Traceback" not in done.stderr


@linux
def test_streams_that_know_no_such_letters(tmp_path):
    folder = images(tmp_path / "in", "é.png")
    env = {**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    done = process("analyze", folder, "-o", tmp_path / "out", capture_output=True, env=env)
    assert done.returncode == 0, done.stderr
    assert "\\xe9.png" in done.stdout
    assert (tmp_path / "out" / "é.parquet").exists()
