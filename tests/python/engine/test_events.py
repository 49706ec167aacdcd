"""Every source gives rows or an error, in its place, and no error costs another source's rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import mien
from mien import ReadOptions
from mien._engine.events import SourceError, SourceRows
from mien._engine.sources import resolve


@pytest.fixture
def inputs(portrait, tmp_path):
    """Images, a video of an array, and images; of each sort some that can't be read."""
    (tmp_path / "bad.mp4").write_bytes(b"no video")
    for name in ("a.png", "b.png", "c.png", "d.png"):
        Image.fromarray(portrait).save(tmp_path / name)
    for name in ("b.png", "d.png"):
        (tmp_path / name).write_bytes(b"no image")
    clip = np.stack([portrait[:256, :256]] * 3)
    names = ("a.png", "b.png", "c.png", "bad.mp4", "d.png")
    return [*(tmp_path / name for name in names), clip, portrait]


def events(engine, inputs, **options) -> list[SourceRows | SourceError]:
    return list(engine._analysis(resolve(inputs), ReadOptions()).events(**options))


def test_rows_or_an_error_each(engine, inputs):
    found = events(engine, inputs)
    assert [event.position for event in found] == list(range(7))
    broken = [event for event in found if isinstance(event, SourceError)]
    assert [Path(event.source.name).name for event in broken] == ["b.png", "bad.mp4", "d.png"]
    assert all(event.source.name in str(event.error) for event in broken)


def test_errors_do_not_change_rows(engine, inputs):
    analysis = engine._analysis(resolve(inputs), ReadOptions())
    rows = [event for event in analysis.events() if isinstance(event, SourceRows)]
    table = analysis.table(rows)
    whole = engine.analyze([inputs[0], inputs[2], *inputs[5:]])
    pd.testing.assert_frame_equal(
        table.drop(columns="input"), whole.drop(columns="input"), check_exact=True
    )
    assert [entry["kind"] for entry in table.provenance["inputs"]] == [
        *("image", "image", "array", "array"),
    ]


def test_analyze_stops_at_the_first_error(engine, inputs):
    with pytest.raises(mien.InputError, match=r"b\.png") as caught:
        engine.analyze(inputs)
    partial = caught.value.partial
    assert list(partial.input.unique()) == [str(inputs[0])]
    assert [entry["input"] for entry in partial.provenance["inputs"]] == [str(inputs[0])]


def test_a_video_gives_several_events(engine, portrait):
    clip = np.stack([portrait[:256, :256]] * 5)
    found = events(engine, clip, frames=2)
    assert [len(np.unique(event.rows.frame)) for event in found] == [2, 2, 1]
    assert found[0].entry is found[2].entry


def test_progress_counts_failures_of_images_too(engine, inputs):
    said = []
    events(engine, inputs[:3], progress=lambda *now: said.append(now))
    assert said[-1] == (str(inputs[2]), 3, 3)


def test_images_that_all_fail(engine, inputs):
    found = events(engine, [inputs[1], inputs[4]])
    assert [type(event) for event in found] == [SourceError, SourceError]
