"""Both readers of videos behind one face."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from mien import _core
from mien.media import _pyav as pyav
from mien.media._planes import to_rgb


class Row(NamedTuple):
    index: int
    time: float
    status: str
    rgb: np.ndarray | None


Reader = Callable[..., list[Row]]


def read_core(path, every=1, start=-math.inf, end=math.inf, threads=1, fps=math.nan) -> list[Row]:
    reader = _core.VideoReader(path, every, start, end, threads, fps=fps)
    return [Row(*row[:4]) for row in reader]


def read_pyav(path, every=1, start=-math.inf, end=math.inf, threads=1, fps=math.nan) -> list[Row]:
    return [
        Row(f.index, f.time, "ok", to_rgb(f.image))
        if f.image
        else Row(f.index, f.time, "decode_error", None)
        for f in pyav.decode(path, every, start, end, threads, fps=fps)
    ]


def need_core_decoder() -> None:
    if not _core.video_decoder_version():
        pytest.skip("the core was built without FFmpeg")


@pytest.fixture(params=["core", "pyav"])
def read(request) -> Reader:
    """Reads a video with the core's FFmpeg or with PyAV."""
    if request.param == "pyav":
        return read_pyav
    need_core_decoder()
    return read_core


@pytest.fixture(params=["core", "pyav"])
def read_notes(request) -> Callable[[Path], tuple[list[float], list[str]]]:
    """Times of a video's frames, and what a reader of them has to know."""

    def by_pyav(path):
        notes = []
        times = [frame.time for frame in pyav.decode(path, on_notes=notes.append)]
        return times, notes[-1] if notes else []

    def by_core(path):
        reader = _core.VideoReader(path)
        return [row[1] for row in reader], reader.notes

    if request.param == "pyav":
        return by_pyav
    need_core_decoder()
    return by_core


@pytest.fixture(params=["core", "pyav"])
def probe(request) -> Callable[[Path], dict]:
    if request.param == "pyav":
        return pyav.probe
    need_core_decoder()
    return _core.probe_video


@pytest.fixture
def both():
    """Reads a video with either reader: (core's rows, PyAV's rows)."""
    need_core_decoder()
    return lambda path, **options: (read_core(path, **options), read_pyav(path, **options))
