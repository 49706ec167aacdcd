"""Readers of tables: mien's own formats and those of other programs."""

from __future__ import annotations

import functools
import random
import zlib
from pathlib import Path
from typing import Any

from fuzz.campaign import Case
from fuzz.mutations import mutate_bytes, mutate_json, mutate_text
from fuzz.table_seeds import Seed, parquet_metadata, table_seeds, with_parquet_metadata

__all__ = ["case", "read"]


def read(reader: str, path: Path) -> Any:
    """Read a file with one of mien's readers, and use what it gives."""
    import mien

    table = getattr(mien, reader)(path)
    if isinstance(table, mien.FaceTable):
        return len(table), table.groups, list(table.provenance)
    return len(table)


@functools.lru_cache(maxsize=1)
def _seeds() -> list[Seed]:
    return table_seeds()


def case(number: int) -> Case:
    """Mutation of that number, always the same one."""
    seeds = _seeds()
    seed = seeds[number % len(seeds)]
    rng = random.Random(zlib.crc32(f"{seed.name} {number}".encode()))
    kinds = [_by_bytes]
    if seed.separator:
        kinds += [_by_text] * 3
    if any(name.endswith((".json", ".jsonl")) for name in seed.files):
        kinds += [_by_json] * 3
    if seed.name == "parquet":
        kinds += [_by_metadata] * 3
    kind = rng.choice(kinds)
    files = kind(rng, seed)
    return Case(f"{seed.name} {number} {kind.__name__}", seed.reader, files)


def _by_bytes(rng: random.Random, seed: Seed) -> dict[str, bytes]:
    name = rng.choice(list(seed.files))
    return {**seed.files, name: mutate_bytes(rng, seed.files[name])}


def _by_text(rng: random.Random, seed: Seed) -> dict[str, bytes]:
    name, content = next(iter(seed.files.items()))
    return {**seed.files, name: mutate_text(rng, content, seed.separator)}


def _by_json(rng: random.Random, seed: Seed) -> dict[str, bytes]:
    name = next(name for name in seed.files if name.endswith(".json"))
    return {**seed.files, name: mutate_json(rng, seed.files[name])}


def _by_metadata(rng: random.Random, seed: Seed) -> dict[str, bytes]:
    """A Parquet file whose own JSON, or pandas', is of another shape."""
    name, content = next(iter(seed.files.items()))
    key = rng.choice((b"mien", b"pandas"))
    changed = mutate_json(rng, parquet_metadata(content)[key])
    if rng.random() < 0.15:
        changed = b"[" * 100_000
    return {name: with_parquet_metadata(content, key, changed)}
