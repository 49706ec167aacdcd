"""Faults of each kind: a few here, with moments that are always the same; `python -m bench.torture`
has as many as one likes.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

import mien

sys.path.insert(0, str(Path(__file__).parents[2]))

from bench.torture.disk_events import count_events
from bench.torture.faults import KINDS
from bench.torture.work import Broken, Work, explained

IN_THIS_PROCESS = ("EIO", "ENOSPC", "disk full", "folder removed")


@pytest.fixture(scope="module")
def work(engine, tmp_path_factory) -> Work:
    return Work.make(tmp_path_factory.mktemp("work"), engine)


@pytest.mark.parametrize("form", ["one.csv", "all.parquet"])
@pytest.mark.parametrize("kind", IN_THIS_PROCESS)
def test_a_fault_costs_no_row_and_is_explained(work, kind, form):
    KINDS[kind](work, random.Random(f"{kind} {form}"), form)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in IN_THIS_PROCESS])
def test_a_fault_of_a_process(work, kind):
    KINDS[kind](work, random.Random(kind), "tables" if kind == "two writers" else "one.parquet")


def test_a_row_less_or_a_file_more_is_found(work):
    output = work.fresh("one.parquet")
    with count_events() as count:
        assert work.attempt("one.parquet", output, resume=False)
    assert count() > 10
    work.compare("one.parquet", output)
    output.with_name(".one.parquet.lock").touch()
    with pytest.raises(Broken, match="left behind"):
        work.compare("one.parquet", output)
    mien.read_table(output)[:-1].save(output)
    with pytest.raises(Broken, match="other rows"):
        work.compare("one.parquet", output)
    with pytest.raises(Broken, match="told badly"):
        explained(["a.mp4: KeyError: 0 (x.py:1), which mien doesn't expect"])
