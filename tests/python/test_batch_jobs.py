"""Several inputs at work on one engine: rows, order and failures are those of serial runs."""

from __future__ import annotations

import io
import threading
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from rich.console import Console
from rich.progress import Progress

import mien
from mien import ReadOptions, batch
from mien._engine.analysis import Analysis
from mien.batch import _images, _runner
from mien.cli._progress import ProgressBars
from mien.demo import make_clip


def same_rows(got: mien.FaceTable, wanted: mien.FaceTable) -> None:
    pd.testing.assert_frame_equal(got, wanted, check_exact=True)


@pytest.fixture(scope="module")
def folder(portrait, tmp_path_factory) -> Path:
    """Images, then clips, then an image; an image and a clip are broken."""
    folder = tmp_path_factory.mktemp("media")
    for i in range(7):
        Image.fromarray(np.roll(portrait, 12 * i, axis=1)).save(folder / f"a{i}.png")
    (folder / "a2.png").write_bytes((folder / "a2.png").read_bytes()[:5000])
    make_clip(portrait, folder / "b0.mp4")
    make_clip(np.ascontiguousarray(portrait[:, ::-1]), folder / "b1.mp4")
    (folder / "b2.mp4").write_bytes((folder / "b0.mp4").read_bytes()[:3000])
    Image.fromarray(portrait).save(folder / "c0.png")
    return folder


NAMES = [*(f"a{i}.png" for i in range(7)), "b0.mp4", "b1.mp4", "b2.mp4", "c0.png"]
BROKEN = ["a2.png", "b2.mp4"]


@pytest.fixture(scope="module")
def wanted(engine, folder):
    good = [folder / name for name in NAMES if name not in BROKEN]
    return engine.analyze(good, every=3)


def run(engine, folder, output, **how) -> list[batch.Report]:
    plan = batch.plan([str(folder)], output)
    return list(batch.run(engine, plan, ReadOptions(every=3), **how))


@pytest.mark.parametrize("jobs", [1, 2, 5])
@pytest.mark.parametrize("name", ["all.parquet", "all.csv", "tables"])
def test_rows_whatever_the_jobs(engine, folder, wanted, tmp_path, monkeypatch, jobs, name):
    monkeypatch.setattr(_runner, "IMAGES", 3)
    output = tmp_path / name
    reports = run(engine, folder, output, jobs=jobs)
    assert [Path(report.name).name for report in reports] == NAMES
    assert [Path(r.name).name for r in reports if r.error] == BROKEN
    assert all(r.target is None and r.name in r.error for r in reports if r.error)
    table = mien.read_table(output)
    same_rows(table, wanted)
    named = [s["input"] for s in table.provenance["inputs"]]
    assert named == [str(folder / name) for name in NAMES if name not in BROKEN]
    assert all(entry["bytes"] > 0 for entry in table.provenance["inputs"])
    assert [p.name for p in tmp_path.rglob("*") if "part" in p.name] == []


def test_an_image_has_the_table_it_has_by_itself(engine, folder, tmp_path):
    run(engine, folder, tmp_path / "tables")
    got = mien.read_table(tmp_path / "tables" / "a4.parquet")
    alone = engine.analyze(folder / "a4.png", every=3)
    same_rows(got, alone)
    (entry,) = got.provenance["inputs"]
    assert entry["input"] == str(folder / "a4.png")
    left_out = ("inputs", "created")
    mine = {k: v for k, v in got.provenance.items() if k not in left_out}
    assert mine == {k: v for k, v in alone.provenance.items() if k not in left_out}


def test_few_large_images_are_in_memory_at_a_time(engine, folder, wanted, tmp_path, monkeypatch):
    """Here two of 512x512; rows, and what the bar says, don't tell."""
    monkeypatch.setattr(_images, "BYTES", 7 * 600_000)
    together: list[int] = []
    analysis = mien.Engine._analysis

    def counted(self, sources, read):
        if sources[0].kind == "image":
            together.append(len(sources))
        return analysis(self, sources, read)

    monkeypatch.setattr(mien.Engine, "_analysis", counted)
    said = []
    output = tmp_path / "all.parquet"

    def progress(sources):
        return lambda *now: said.append((len(sources), *now))

    run(engine, folder, output, jobs=1, progress=progress)
    assert together == [2, 2, 2, 1, 1]  # the third is broken, and costs only itself
    same_rows(mien.read_table(output), wanted)
    of_images = [(done, total) for n, _, done, total in said if n == 7]
    assert of_images[-1] == (7, 7)
    assert [done for done, _ in of_images] == sorted(done for done, _ in of_images)


@pytest.mark.parametrize("jobs", [1, 2])
def test_that_many_are_at_work(engine, folder, tmp_path, monkeypatch, jobs):
    """Two clips meet in the middle of their work where two jobs are allowed, and never else."""
    meeting = threading.Barrier(2)
    events = Analysis.events
    met = []

    def waits(self, *args):
        found = events(self, *args)
        try:
            meeting.wait(timeout=2 if jobs == 1 else 60)
            met.append(1)
        except threading.BrokenBarrierError:
            meeting.reset()
        yield from found

    monkeypatch.setattr(Analysis, "events", waits)
    clips = [str(folder / name) for name in ("b0.mp4", "b1.mp4")]
    plan = batch.plan(clips, tmp_path / "out")
    reports = list(batch.run(engine, plan, ReadOptions(every=3), jobs=jobs))
    assert [report.name for report in reports] == clips
    assert len(met) == (2 if jobs == 2 else 0)


def test_reports_come_in_order_whoever_is_first(engine, folder, tmp_path, monkeypatch):
    """The first input waits for the second to be finished."""
    second = threading.Event()
    analyze = _runner.analyze_video

    def first_waits(job, task):
        if task.sources[0].name.endswith("b0.mp4"):
            assert second.wait(timeout=60)
        reports = analyze(job, task)
        second.set()
        return reports

    monkeypatch.setattr(_runner, "analyze_video", first_waits)
    plan = batch.plan([str(folder / "b0.mp4"), str(folder / "b1.mp4")], tmp_path / "out")
    reports = batch.run(engine, plan, ReadOptions(every=3), jobs=2)
    assert [Path(report.name).name for report in reports] == ["b0.mp4", "b1.mp4"]


def test_a_run_that_is_left_stops(engine, folder, tmp_path):
    reports = batch.run(engine, batch.plan([str(folder)], tmp_path / "out"), jobs=2)
    next(reports)
    reports.close()
    assert [t.name for t in threading.enumerate() if t.name.startswith("mien-job")] == []


def test_no_jobs(engine, folder, tmp_path):
    with pytest.raises(mien.OptionError, match="jobs: wanted at least 1, got 0"):
        run(engine, folder, tmp_path / "out", jobs=0)


def test_a_bar_for_all_at_work(engine, folder, tmp_path, monkeypatch):
    """Each begins with its input and ends with its report."""
    monkeypatch.setattr(_runner, "IMAGES", 4)
    shown: list[list[str]] = []
    progress = Progress(console=Console(file=io.StringIO()), auto_refresh=False)
    bars = ProgressBars(progress)
    begun: list[str] = []

    def begin(sources):
        advance = bars.begin(sources)
        begun.append(sources[0].name)

        def noted(name, done, total):
            advance(name, done, total)
            shown.append([str(task.description) for task in progress.tasks])

        return noted

    plan = batch.plan([str(folder)], tmp_path / "out")
    for report in batch.run(engine, plan, ReadOptions(every=3), jobs=2, progress=begin):
        bars.end(report)
    assert progress.tasks == []
    assert "a0.png and 3 more" in {name for names in shown for name in names}
    assert max(map(len, shown)) >= 2
    assert sorted(Path(name).name for name in begun) == [
        *("a0.png", "a4.png", "b0.mp4", "b1.mp4", "b2.mp4", "c0.png"),
    ]
