"""The commands: what they write, what they say, and how they exit."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import mien
from mien import batch, schema
from mien.batch import _checkpoint, _checkpoint_writer, _videos
from mien.cli import app
from mien.demo import make_clip

runner = CliRunner()


def run(*args: object, status: int = 0):
    done = runner.invoke(app, [str(arg) for arg in args])
    shown = f"{done.stdout}\n{done.stderr}\n{done.exception!r}"
    assert done.exit_code == status, shown
    assert done.exception is None or isinstance(done.exception, SystemExit), shown
    return done


@pytest.fixture(scope="session")
def clip(portrait, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("clips") / "clip.mp4"
    make_clip(portrait, path)
    return path


@pytest.fixture
def bad(tmp_path) -> Path:
    path = tmp_path / "bad.mp4"
    path.write_text("no video\n" * 100)
    return path


@pytest.fixture
def image(portrait, tmp_path) -> Path:
    from PIL import Image

    path = tmp_path / "image.jpg"
    Image.fromarray(portrait).save(path, quality=95)
    return path


def same_rows(got: mien.FaceTable, wanted: mien.FaceTable) -> None:
    pd.testing.assert_frame_equal(got, wanted, check_exact=True)


class TestAnalyze:
    @pytest.mark.parametrize("suffix", ["parquet", "csv"])
    def test_one_file_to_one_table(self, engine, clip, tmp_path, suffix):
        out = tmp_path / f"out.{suffix}"
        done = run("analyze", clip, "-o", out)
        table = mien.read_table(out)
        same_rows(table, engine.analyze(clip))
        assert [entry["input"] for entry in table.provenance["inputs"]] == [str(clip)]
        assert table.provenance["inputs"][0]["fps"] == pytest.approx(30)
        (line,) = done.stdout.splitlines()
        for said in (str(clip), f"{len(table)} rows", "90 frames", "fps", " s ", str(out), "track"):
            assert said in line

    def test_window_and_every(self, engine, clip, tmp_path):
        run("analyze", clip, "-o", tmp_path / "o.parquet", "--every", 4, "--start", 1, "--end", 2)
        wanted = engine.analyze(clip, every=4, start=1, end=2)
        same_rows(mien.read_table(tmp_path / "o.parquet"), wanted)

    def test_every_frame_or_some(self, engine, clip, image, tmp_path):
        """The option is of videos; an image among them has nothing to be tracked from."""
        for detect in ("every", "track"):
            out = tmp_path / f"{detect}.parquet"
            run("analyze", image, clip, "-o", out, "--detect", detect, "--start", 1)
            wanted = [engine.analyze(image), engine.analyze(clip, detect=detect, start=1)]
            table = mien.read_table(out)
            same_rows(table, pd.concat(wanted, ignore_index=True))
            assert [s["detect"] for s in table.provenance["inputs"]] == ["every", detect]

    def test_a_folder_to_a_folder(self, clip, image, tmp_path):
        folder = tmp_path / "in"
        folder.mkdir()
        (folder / "clip.mp4").write_bytes(clip.read_bytes())
        (folder / "face.jpg").write_bytes(image.read_bytes())
        (folder / "notes.txt").write_text("not media")
        done = run(
            "analyze", folder, "-o", tmp_path / "new" / "out", "--format", "csv", "--every", 10
        )
        assert len(done.stdout.splitlines()) == 2
        made = sorted(p.name for p in (tmp_path / "new" / "out").iterdir())
        assert made == ["clip.csv", "clip.csv.json", "face.csv", "face.csv.json"]

    def test_many_inputs_to_one_table(self, engine, clip, image, tmp_path):
        run("analyze", clip, image, "-o", tmp_path / "all.parquet", "--every", 10)
        got = mien.read_table(tmp_path / "all.parquet")
        same_rows(got, engine.analyze([clip, image], every=10))
        assert [e["input"] for e in got.provenance["inputs"]] == [str(clip), str(image)]

    def test_names_that_collide_get_tables_of_their_own(self, clip, image, tmp_path):
        for folder, name, content in [
            ("a", "x.mp4", clip),
            ("b", "x.mp4", clip),
            ("b", "x.jpg", image),
            ("b", "y.jpg", image),
        ]:
            (tmp_path / folder).mkdir(exist_ok=True)
            (tmp_path / folder / name).write_bytes(content.read_bytes())
        run("analyze", tmp_path / "a", tmp_path / "b", "-o", tmp_path / "out", "--every", 30)
        made = (tmp_path / "out").rglob("*.parquet")
        tables = {p.relative_to(tmp_path / "out").as_posix(): mien.read_table(p) for p in made}
        wanted = ["a/x.parquet", "b/x.jpg.parquet", "b/x.mp4.parquet", "b/y.parquet"]
        assert sorted(tables) == wanted
        assert len({t.input[0] for t in tables.values()}) == 4

    def test_a_glob_and_a_file_named_twice(self, clip, tmp_path):
        done = run("analyze", clip, clip.parent / "*.mp4", "-o", tmp_path / "out", "--every", 30)
        assert len(done.stdout.splitlines()) == 1

    def test_goes_on_after_a_failure_and_exits_with_1(self, clip, bad, image, tmp_path):
        missing = tmp_path / "missing.mp4"
        out = tmp_path / "out"
        done = run("analyze", clip, bad, missing, image, "-o", out, "--every", 10, status=1)
        assert sorted(p.name for p in out.iterdir()) == ["clip.parquet", "image.parquet"]
        assert "2 of 4 inputs failed" in done.stderr
        assert str(bad) in done.stderr
        assert str(missing) in done.stderr
        assert done.stdout.count("failed") == 2

    def test_goes_on_in_one_table_too(self, clip, bad, image, tmp_path):
        out = tmp_path / "all.parquet"
        run("analyze", clip, bad, image, "-o", out, "--every", 10, status=1)
        assert list(mien.read_table(out).input.unique()) == [str(clip), str(image)]

    @pytest.mark.parametrize("out", ["out.parquet", "out"])
    def test_nothing_but_failures_writes_nothing(self, bad, tmp_path, out):
        before = set(tmp_path.rglob("*"))
        run("analyze", bad, tmp_path / "missing.mp4", "-o", tmp_path / out, status=1)
        assert set(tmp_path.rglob("*")) - before <= {tmp_path / "out"}

    def test_a_stream_that_breaks_keeps_its_rows(self, clip, tmp_path):
        import av

        whole = tmp_path / "whole.mkv"
        with av.open(str(clip)) as source, av.open(str(whole), "w") as target:
            out = target.add_stream_from_template(source.streams.video[0])
            for packet in source.demux(video=0):
                if packet.dts is not None:
                    packet.stream = out
                    target.mux(packet)
        cut = tmp_path / "cut.mkv"
        cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
        done = run("analyze", cut, "-o", tmp_path / "cut.parquet")
        table = mien.read_table(tmp_path / "cut.parquet")
        assert set(table.status) >= {"decode_error"}
        assert "decode_error" in done.stdout

    def test_memory_does_not_hold_the_table(self, engine, clip, tmp_path, monkeypatch):
        """Rows leave in parts of about PART_ROWS rows."""
        monkeypatch.setattr(_videos, "CHUNK_FRAMES", 16)
        monkeypatch.setattr(_checkpoint_writer, "PART_ROWS", 32)
        sizes = []
        add = _checkpoint.Checkpoint.add

        def noted(self, table):
            sizes.append(table.frame.nunique())
            add(self, table)

        monkeypatch.setattr(_checkpoint.Checkpoint, "add", noted)
        run("analyze", clip, "-o", tmp_path / "o.parquet")
        assert sizes == [32, 32]
        same_rows(mien.read_table(tmp_path / "o.parquet"), engine.analyze(clip))
        assert [p.name for p in tmp_path.iterdir()] == ["o.parquet"]

    def test_an_interrupt_leaves_the_older_table(self, clip, tmp_path, monkeypatch):
        out = tmp_path / "o.parquet"
        run("analyze", clip, "-o", out, "--every", 30)
        older = out.read_bytes()
        monkeypatch.setattr(_videos, "CHUNK_FRAMES", 8)
        add = batch.Report.add

        def interrupted(self, part):
            add(self, part)
            if self.frames > 16:
                raise KeyboardInterrupt

        monkeypatch.setattr(batch.Report, "add", interrupted)
        done = runner.invoke(app, ["analyze", str(clip), "-o", str(out)])
        assert done.exit_code not in (0, 1)
        assert "--resume" in done.stderr
        assert out.read_bytes() == older
        assert sorted(p.name for p in tmp_path.iterdir()) == ["o.parquet", "o.parquet.parts"]

    @pytest.mark.parametrize(
        ("args", "said"),
        [
            (["-o", "{tmp}/out.xlsx"], "wanted a name that ends in .parquet or .csv"),
            (["-o", "{tmp}/out.csv", "--format", "parquet"], "contradicts"),
            (["-o", "{tmp}/out", "--format", "xml"], "wanted parquet or csv, got 'xml'"),
            (["-o", "{tmp}/out", "--every", "0"], "every: wanted at least 1"),
            (["-o", "{tmp}/out", "--start", "2", "--end", "1"], "start before end"),
            (["-o", "{tmp}/out", "--device", "tpu"], "device: wanted auto"),
            (
                ["-o", "{tmp}/out", "--detect", "never"],
                "detect: wanted every or track, got 'never'",
            ),
            (["-o", "{tmp}/out", "--detect-interval", "0"], "detect_interval: wanted 1 to 1024"),
            (["-o", "{tmp}/out", "--jobs", "0"], "jobs: wanted at least 1, got 0"),
            (["-o", "{tmp}/out", "--threads", "0"], "threads: wanted at least 1"),
            (["-o", "{tmp}/out", "--threads", "many"], "integer"),
            ([], "--output"),
        ],
        ids=lambda v: " ".join(v[2:] or v) if isinstance(v, list) else None,
    )
    def test_wrong_usage_exits_with_2(self, clip, tmp_path, args, said):
        done = run("analyze", clip, *(a.format(tmp=tmp_path) for a in args), status=2)
        assert said in " ".join(done.stderr.split())

    def test_no_command_exits_with_2(self):
        assert "analyze" in run(status=2).output

    def test_a_pack_that_is_not_there(self, clip, tmp_path):
        done = run("analyze", clip, "-o", tmp_path / "o.csv", "--pack", "nope", status=1)
        assert "no pack 'nope'" in done.stderr

    @pytest.mark.skipif(sys.platform != "linux", reason="/proc")
    @pytest.mark.parametrize("out", ["/proc/self/fdinfo/out.csv", "/proc/nowhere/out"])
    def test_an_output_that_cannot_be_written(self, clip, out):
        done = run("analyze", clip, "-o", out, status=1)
        assert out in done.stderr
        assert "can't be" in done.stderr

    @pytest.mark.parametrize("out", ["x" * 300 + ".csv", "x" * 300])
    def test_an_output_whose_name_is_too_long(self, clip, tmp_path, out):
        done = run("analyze", clip, "-o", tmp_path / out, status=1)
        assert "File name too long" in done.stderr + done.stdout


class TestInfo:
    def test_as_json(self):
        found = json.loads(run("info", "--json").stdout)
        assert found["mien"] == mien.__version__
        assert found["usable"] is True
        assert found["packs"]["default"]["sha256"] == mien.load_pack().sha256
        assert Path(found["runtime"]["path"]).name.startswith("libonnxruntime")
        assert "cpu" in found["runtime"]["providers"]
        for part in ("build", "cpu", "gpus", "packages", "python", "platform"):
            assert part in found

    def test_as_a_table(self):
        shown = run("info").stdout
        for said in (mien.__version__, "default", "sha256", "compiler", "onnxruntime"):
            assert said in shown

    def test_exits_with_1_where_it_cannot_run(self, monkeypatch):
        import importlib.util

        monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
        found = json.loads(run("info", "--json", status=1).stdout)
        assert "pip install onnxruntime" in found["runtime"]["error"]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The demo's folder, and what it printed."""
    folder = tmp_path_factory.mktemp("demo") / "out"
    return folder, run("demo", "-o", folder).stdout


class TestDemo:
    def test_writes_everything_and_says_where(self, made):
        folder, shown = made
        files = {p.name for p in folder.iterdir()}
        wanted = {
            "demo.parquet",
            "demo.csv",
            "annotated.png",
            "demo.html",
            "portrait.png",
            "clip.mp4",
        }
        assert wanted <= files
        for name in wanted:
            assert str(folder / name) in shown
        assert "happiness" in shown

    def test_the_table_has_the_portrait_and_every_frame_of_the_clip(self, made):
        folder, _ = made
        table = mien.read_table(folder / "demo.parquet")
        pd.testing.assert_frame_equal(mien.read_table(folder / "demo.csv"), table, check_exact=True)
        clip = table[table.input == str(folder / "clip.mp4")]
        assert sorted(clip.frame.unique()) == list(range(90))
        np.testing.assert_allclose(clip.time, clip.frame / 30, atol=1e-3)
        assert len(table[table.input == str(folder / "portrait.png")]) >= 1
        assert set(table.groups) == set(schema.GROUPS) - {"design"}

    def test_the_page_stands_alone(self, made):
        import html.parser

        folder, _ = made
        page = (folder / "demo.html").read_text()
        links = []

        class Parser(html.parser.HTMLParser):
            def handle_starttag(self, tag, attrs):
                del tag
                links.extend(value for name, value in attrs if name in ("src", "href"))

        Parser().feed(page)
        assert len(links) == 2
        assert all(link.startswith("data:image/png;base64,") for link in links)

    def test_a_folder_that_cannot_be_made(self):
        done = run("demo", "-o", "/dev/null/demo", status=1)
        assert "/dev/null/demo" in done.stderr

    def test_without_scikit_image(self, tmp_path, monkeypatch):
        monkeypatch.setitem(sys.modules, "skimage.data", None)
        done = run("demo", "-o", tmp_path / "demo", status=1)
        assert "pip install 'mien[demo]'" in done.stderr


def test_commands_of_the_documents(made, monkeypatch, tmp_path):
    """In a folder where the demo has been run; one after the other."""
    shutil.copytree(made[0], tmp_path / "mien-demo")
    monkeypatch.chdir(tmp_path)
    text = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
    (block,) = re.findall(r"^```bash\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    commands = [shlex.split(line, comments=True) for line in block.splitlines()]
    said = [run(*arguments[1:]).stdout for arguments in commands]
    assert len(said) == 6
    assert said[3].count("kept") == said[2].count("done") == 3  # two images and the clip
    assert mien.read_table("all.parquet").input.nunique() == 3


def test_version():
    assert run("--version").stdout.strip() == f"mien {mien.__version__}"


def test_as_a_module():
    done = subprocess.run(
        [sys.executable, "-m", "mien", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == f"mien {mien.__version__}"
