"""The work that faults meet: inputs, runs of them in many small parts, and what must come out."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pandas as pd
from PIL import Image

import mien
from mien import ReadOptions, batch
from mien.demo import make_clip, portrait
from mien.errors import MienError

__all__ = ["FORMS", "Broken", "Work", "explained", "run_batch", "small_parts"]


FORMS = ("one.parquet", "one.csv", "tables", "all.parquet", "all.csv")
"""Outputs: a table of one clip, a table each, one table for all."""

READ = ReadOptions(every=3)
# What messages of failures say: what can't be done, or who did something.
CLEAR = (
    *("can't be", "removed", "another run", "lacks the rows", "no folder", "bad_alloc"),
    *("wanted a thread", "wanted more memory"),
)


class Broken(Exception):
    """A fault has cost a row, left something behind, or was told badly."""


@contextmanager
def small_parts() -> Iterator[None]:
    """Parts of 8 of the 30 frames that a clip has here."""
    with (
        patch("mien.batch._checkpoint_writer.PART_ROWS", 8),
        patch("mien.batch._videos.CHUNK_FRAMES", 8),
    ):
        yield


def run_batch(
    engine: mien.Engine, inputs: Sequence[Path], output: Path, *, resume: bool
) -> list[str]:
    """Run a batch; what its inputs failed by.

    Raises
    ------
    MienError
        As `mien.batch.run`.
    """
    plan = batch.plan([str(path) for path in inputs], output)
    reports = batch.run(engine, plan, READ, resume=resume)
    with small_parts():
        return [report.error for report in reports if report.error]


def explained(errors: Sequence[str]) -> None:
    """Raises Broken unless all errors are clear."""
    for error in errors:
        if "doesn't expect" in error or not any(words in error for words in CLEAR):
            raise Broken(f"told badly: {error}")


@dataclass(frozen=True)
class Work:
    """Inputs, and their tables without any fault.

    Attributes
    ----------
    folder : Path
    engine : mien.Engine
    inputs : list of Path
        The clip, an image, another clip, another image.
    wanted : dict of str to FaceTable
        By form.
    """

    folder: Path
    engine: mien.Engine
    inputs: list[Path]
    wanted: dict[str, mien.FaceTable]

    @classmethod
    def make(cls, folder: Path, engine: mien.Engine) -> Work:
        """Make the inputs in a folder, and analyse them."""
        media = folder / "media"
        media.mkdir(parents=True)
        photograph = portrait()
        inputs = [media / name for name in ("a.mp4", "b.png", "c.mp4", "d.png")]
        make_clip(photograph, inputs[0])
        Image.fromarray(photograph).save(inputs[1])
        make_clip(np.ascontiguousarray(photograph[:, ::-1]), inputs[2])
        Image.fromarray(np.roll(photograph, 8, axis=1)).save(inputs[3])
        every = READ.every
        tables = {
            form: engine.analyze(inputs[:1] if form.startswith("one") else inputs, every=every)
            for form in ("one", "all")
        }
        wanted = {form: tables["one" if form.startswith("one") else "all"] for form in FORMS}
        return cls(folder, engine, inputs, wanted)

    def inputs_of(self, form: str) -> list[Path]:
        """What goes to an output of this form."""
        return self.inputs[:1] if form.startswith("one") else self.inputs

    def fresh(self, form: str, where: Path | None = None) -> Path:
        """An output of this form in an empty folder."""
        folder = where or self.folder / "out"
        if folder.exists() and where is None:
            shutil.rmtree(folder)
        folder.mkdir(exist_ok=True)
        return folder / form

    def attempt(self, form: str, output: Path, *, resume: bool) -> bool:
        """Run under a fault; whether all was done.

        Raises
        ------
        Broken
            A failure is not explained.
        """
        try:
            errors = run_batch(self.engine, self.inputs_of(form), output, resume=resume)
        except MienError as error:
            errors = [str(error)]
        explained(errors)
        return not errors

    def check(self, form: str, output: Path) -> None:
        """Resume without a fault, until nothing fails, and compare.

        Raises
        ------
        Broken
            A row is lost, doubled or another; or something is left beside the tables.
        """
        output.parent.mkdir(exist_ok=True)
        errors = run_batch(self.engine, self.inputs_of(form), output, resume=True)
        if errors:
            raise Broken(f"resume failed: {errors}")
        self.compare(form, output)

    def compare(self, form: str, output: Path) -> None:
        """Compare finished tables with those wanted; see `check`."""
        try:
            pd.testing.assert_frame_equal(
                mien.read_table(output), self.wanted[form], check_exact=True
            )
        except AssertionError as error:
            raise Broken(f"{output}: other rows: {error}") from error
        there = {path.name for path in output.parent.rglob("*") if path.is_file()}
        tables = {f"{path.stem}.parquet" for path in self.inputs} if form == "tables" else {form}
        if extra := there - tables - {f"{name}.json" for name in tables}:
            raise Broken(f"left behind: {sorted(extra)}")

    def child(self, form: str, output: Path, memory: int | None = None) -> subprocess.Popen[str]:
        """A process that says "ready", waits for a line, and runs with resume; `memory` bytes more
        than it has then are all that it may have.
        """
        inputs = [str(path) for path in self.inputs_of(form)]
        task = json.dumps({"inputs": inputs, "output": str(output), "memory": memory})
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.torture.child", task],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        assert process.stdout is not None
        if process.stdout.readline() != "ready\n":
            raise Broken(f"a child did not begin: {process.communicate()[1]}")
        return process
