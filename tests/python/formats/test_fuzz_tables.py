"""Mutated tables of every format: read, or refused with a typed error, and nothing else."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module", autouse=True)
def importable():
    sys.path.insert(0, str(ROOT))
    yield
    sys.path.remove(str(ROOT))


def test_a_hundred_mutations_of_all_formats():
    from fuzz import tables
    from fuzz.campaign import run_campaign

    result = run_campaign(tables, count=100, first=0)
    assert result.findings == []
    assert result.total == 100
    assert result.kinds["read"] > 10
    assert result.kinds["typed"] > 10
    assert len({reader for reader, _ in result.by_reader}) >= 9


def test_every_seed_is_read():
    from fuzz import tables
    from fuzz.campaign import Case, run_campaign

    seeds = tables._seeds()

    class Seeds:
        __name__ = tables.__name__

        def case(self, number):
            seed = seeds[number]
            return Case(seed.name, seed.reader, seed.files)

    result = run_campaign(Seeds(), count=len(seeds))
    assert result.kinds == {"read": len(seeds)}


def test_what_is_counted_as_a_finding(tmp_path, monkeypatch):
    from fuzz import worker

    (tmp_path / "bad_target.py").write_text(
        "import os, time, mien\n"
        "def read(reader, path):\n"
        "    if reader == 'exit': os._exit(3)\n"
        "    if reader == 'hang': time.sleep(60)\n"
        "    if reader == 'memory': raise MemoryError\n"
        "    if reader == 'untyped': raise KeyError('a')\n"
        "    if reader == 'typed': raise mien.InputError('a')\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(worker, "TIMEOUT", 3.0)
    with worker.Worker("bad_target") as reading:
        kinds = {
            name: reading.read(name, tmp_path).kind
            for name in ("exit", "hang", "memory", "untyped", "typed", "fine")
        }
    assert kinds == {
        "exit": "crash",
        "hang": "hang",
        "memory": "memory",
        "untyped": "untyped",
        "typed": "typed",
        "fine": "read",
    }


def test_a_mutation_has_a_number_and_is_always_the_same():
    from fuzz import tables

    for number in (0, 17, 40):
        one, other = tables.case(number), tables.case(number)
        assert (one.name, one.reader) == (other.name, other.reader)
        assert list(one.files) == list(other.files)
