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


def read_core(path, every=1, start=-math.inf, end=math.inf, threads=1) -> list[Row]:
    return [Row(*row[:4]) for row in _core.VideoReader(path, every, start, end, threads)]


def read_pyav(path, every=1, start=-math.inf, end=math.inf, threads=1) -> list[Row]:
    return [
        Row(f.index, f.time, "ok", to_rgb(f.image))
        if f.image
        else Row(f.index, f.time, "decode_error", None)
        for f in pyav.decode(path, every, start, end, threads)
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
