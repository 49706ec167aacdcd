"""Names of tables: those of the inputs' folders and files, whatever else is asked for."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from PIL import Image

import mien
from mien import ReadOptions, batch


def make(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (32, 32)).save(folder / name, format="PNG")


def targets(output: Path, *inputs: object) -> list[str]:
    plan = batch.plan([str(item) for item in inputs], output)
    assert plan.failures == []
    assert [str(source.path) for source, _ in plan.inputs] == sorted(
        str(source.path) for source, _ in plan.inputs
    )
    return [target.relative_to(output).as_posix() for _, target in plan.inputs]


STUDY = ("study/P01/interview.png", "study/P02/interview.png", "study/P02/task.png")
MIRRORED = ["P01/interview.parquet", "P02/interview.parquet", "P02/task.parquet"]


class TestNames:
    def test_a_folder_is_mirrored(self, tmp_path):
        make(tmp_path, *STUDY)
        assert targets(tmp_path / "out", tmp_path / "study") == MIRRORED

    def test_so_are_its_folders_and_patterns(self, tmp_path):
        """As a shell hands ``study/*`` over, and as it is handed over in quotes."""
        make(tmp_path, *STUDY)
        study = tmp_path / "study"
        assert targets(tmp_path / "out", study / "P01", study / "P02") == MIRRORED
        assert targets(tmp_path / "out", study / "*") == MIRRORED

    def test_files_of_one_name_have_their_folders(self, tmp_path):
        make(tmp_path, *STUDY)
        study = tmp_path / "study"
        files = [study / "P01" / "interview.png", study / "P02" / "interview.png"]
        assert targets(tmp_path / "out", *files) == MIRRORED[:2]
        assert targets(tmp_path / "out", files[0]) == ["interview.parquet"]

    def test_files_that_differ_in_their_suffix_have_it(self, tmp_path):
        make(tmp_path, "in/x.jpg", "in/x.png", "in/y.png")
        wanted = ["x.jpg.parquet", "x.png.parquet", "y.parquet"]
        assert targets(tmp_path / "out", tmp_path / "in") == wanted

    @pytest.mark.skipif(sys.platform != "linux", reason="a name in two cases is one elsewhere")
    def test_upper_and_lower_case_are_no_difference(self, tmp_path):
        make(tmp_path, "in/X.png", "in/x.png", "in/y.png")
        names = targets(tmp_path / "out", tmp_path / "in")
        assert len({name.lower() for name in names}) == 3
        assert names[2] == "y.parquet"
        make(tmp_path, "in/a.png")
        assert set(names) < set(targets(tmp_path / "out", tmp_path / "in"))

    def test_long_names_are_cut(self, tmp_path):
        long = ["ü" * 120 + f"{i}.png" for i in range(2)]
        make(tmp_path, *(f"in/{name}" for name in long))
        names = targets(tmp_path / "out", tmp_path / "in")
        assert len(set(names)) == 2
        assert all(len(name.encode()) < 210 for name in names)


class TestNamesBefore:
    """An input keeps the name of the table that it has."""

    def analyze(self, engine, output, *inputs, resume=False):
        plan = batch.plan([str(item) for item in inputs], output)
        reports = list(batch.run(engine, plan, ReadOptions(), resume=resume))
        assert [report.error for report in reports] == [None] * len(reports)
        return {
            Path(report.name).parent.name + "/" + Path(report.name).name: (
                report.target.relative_to(output).as_posix(),
                report.kept,
            )
            for report in reports
        }

    def test_with_a_new_participant(self, engine, tmp_path):
        make(tmp_path, *STUDY)
        study, out = tmp_path / "study", tmp_path / "out"
        first = self.analyze(engine, out, *study.iterdir())
        make(tmp_path, "study/P00/interview.png", "study/P02/more.png")
        second = self.analyze(engine, out, *study.iterdir(), resume=True)
        assert {name: (table, True) for name, (table, _) in first.items()}.items() <= second.items()
        assert second["P00/interview.png"] == ("P00/interview.parquet", False)
        assert len({table for table, _ in second.values()}) == 5

    def test_the_folder_of_tables_is_read_as_one(self, engine, tmp_path):
        make(tmp_path, *STUDY)
        out = tmp_path / "out"
        self.analyze(engine, out, tmp_path / "study")
        (out / "P02" / "more.parquet.parts").mkdir()
        (out / "P02" / "more.parquet.parts" / "000000.parquet").write_bytes(b"unfinished")
        assert list(mien.read_table(out).input) == [str(tmp_path / name) for name in STUDY]

    def test_where_it_would_have_another_now(self, engine, tmp_path):
        make(tmp_path, "study/P01/x.png")
        study, out = tmp_path / "study", tmp_path / "out"
        assert self.analyze(engine, out, study / "P01") == {"P01/x.png": ("x.parquet", False)}
        make(tmp_path, "study/P01/x.jpg", "study/P02/x.png")
        got = self.analyze(engine, out, study / "P01", study / "P02", resume=True)
        assert got == {
            "P01/x.jpg": ("P01/x.parquet", False),
            "P01/x.png": ("x.parquet", True),
            "P02/x.png": ("P02/x.parquet", False),
        }
        assert self.analyze(engine, out, study, resume=True) == {
            name: (table, True) for name, (table, _) in got.items()
        }

    def test_one_table_with_a_new_image(self, engine, tmp_path):
        """What an interrupted run has done of a block of images is not taken for another block."""
        make(tmp_path, *(f"study/P01/{i}.png" for i in range(4)))
        out = tmp_path / "all.parquet"
        plan = batch.plan([str(tmp_path / "study")], out)
        run = batch.run(engine, plan, ReadOptions())
        next(run)
        run.close()
        assert list(tmp_path.rglob("all.parquet.parts/P01/*.parquet"))
        make(tmp_path, "study/P01/2b.png")
        plan = batch.plan([str(tmp_path / "study")], out)
        reports = list(batch.run(engine, plan, ReadOptions(), resume=True))
        assert [report.error for report in reports] == [None] * 5
        assert mien.read_table(out).input.nunique() == 5
        assert not out.with_name("all.parquet.parts").exists()


class TestFailures:
    def test_one_file_does_not_cost_its_folder(self, tmp_path):
        make(tmp_path, "in/a.png", "in/c.png")
        (tmp_path / "in" / "b.png").symlink_to(tmp_path / "nowhere.png")
        plan = batch.plan([str(tmp_path / "in"), "x" * 300, str(tmp_path / "no")], tmp_path / "out")
        assert [source.path.name for source, _ in plan.inputs] == ["a.png", "c.png"]
        assert ["can't be read" in f.error or "no such" in f.error for f in plan.failures] == [1, 1]
        assert any("b.png" in note for note in plan.notes)

    def test_a_folder_that_cannot_be_made(self, tmp_path):
        make(tmp_path, "in/P01/a.png", "in/P02/a.png")
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "P01").write_text("a file")
        plan = batch.plan([str(tmp_path / "in")], tmp_path / "out")
        assert [target.parent.name for _, target in plan.inputs] == ["P02"]
        (failure,) = plan.failures
        assert "P01: can't be made" in failure.error

    @pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
    def test_a_name_that_is_not_utf8(self, engine, tmp_path):
        make(tmp_path, "in/a.png", "in/c.png")
        (tmp_path / "in" / "a.png").rename(os.fsdecode(os.fsencode(tmp_path) + b"/in/caf\xe9.png"))
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/in/d\xe9.mp4")).write_bytes(b"no video" * 99)
        name = f"{tmp_path}/in/caf\\xe9.png"
        for output in (tmp_path / "out", tmp_path / "all.csv"):
            plan = batch.plan([str(tmp_path / "in")], output)
            reports = list(batch.run(engine, plan, ReadOptions()))
            assert [bool(report.error) for report in reports] == [False, False, True]
            assert "d\\xe9.mp4" in reports[2].error
        assert list(mien.read_table(tmp_path / "all.csv").input)[1] == name
        assert mien.read_table(tmp_path / "out" / "caf%xe9.parquet").input[0] == name


def test_numbered_images_are_noted(tmp_path):
    make(tmp_path, *(f"in/f{i:03d}.png" for i in range(24)))
    (note,) = batch.plan([str(tmp_path / "in")], tmp_path / "out").notes
    assert "f%03d.png: 24 numbered images" in note


def test_an_image_file_with_several_is_noted(engine, tmp_path):
    frames = [Image.new("RGB", (32, 32), (i, 0, 0)) for i in (0, 99)]
    frames[0].save(tmp_path / "a.webp", save_all=True, append_images=frames[1:])
    make(tmp_path, "b.png")
    for output in (tmp_path / "out", tmp_path / "all.parquet"):
        plan = batch.plan([str(tmp_path / "a.webp"), str(tmp_path / "b.png")], output)
        notes = [report.note for report in batch.run(engine, plan, ReadOptions())]
        assert "the first of 2 images in it was analysed" in notes[0]
        assert notes[1] is None
    table = mien.read_table(tmp_path / "out" / "a.parquet")
    assert table.provenance["inputs"][0]["images"] == 2
