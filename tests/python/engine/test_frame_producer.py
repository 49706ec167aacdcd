"""Photographs are decoded by several threads; nothing about rows, order and errors tells."""

from __future__ import annotations

import threading
import time

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import mien
from mien._engine import frame_producer
from mien._engine.sources import resolve
from mien.media import images
from mien.options import EngineOptions


@pytest.fixture(scope="module")
def folder(portrait, tmp_path_factory):
    """Twenty photographs of different sizes, of which no two are the same."""
    folder = tmp_path_factory.mktemp("images")
    for i in range(20):
        turned = np.roll(portrait, 9 * i, axis=1)[: 300 + 10 * i]
        Image.fromarray(turned).save(folder / f"{i:02d}.jpg", quality=90)
    return folder


class Taker:
    """A feed that keeps what it is given."""

    def __init__(self, room: int = 1000) -> None:
        self.taken: list[tuple[int, np.ndarray]] = []
        self.room = room

    def push_rgb(self, index, time, rgb, sar):
        assert np.isnan(time)
        assert sar == 1
        self.taken.append((index, rgb))
        return len(self.taken) < self.room


def decoding_threads() -> list[str]:
    return [t.name for t in threading.enumerate() if t.name.startswith("mien-image")]


@pytest.mark.parametrize("cores", [1, 2, 7])
def test_order(folder, monkeypatch, cores):
    """Whichever is read first."""
    monkeypatch.setattr(frame_producer, "cores", lambda: cores)
    read = images.read_shrunk

    def slow_at_times(path, side, pixels):
        time.sleep(0.02 * (int(path.stem) % 3 == 0))
        return read(path, side, pixels)

    monkeypatch.setattr(images, "read_shrunk", slow_at_times)
    taker = Taker()
    sources = resolve(folder)
    frame_producer.push_singles(sources, EngineOptions(), {}, {})(taker)
    assert [index for index, _ in taker.taken] == list(range(20))
    for source, (_, rgb) in zip(sources, taker.taken, strict=True):
        np.testing.assert_array_equal(rgb, images.read_image(source.path))
    assert decoding_threads() == []


def test_images_and_arrays_in_one_list(folder, portrait):
    taker = Taker()
    sources = resolve([folder / "03.jpg", portrait, folder / "01.jpg"])
    frame_producer.push_singles(sources, EngineOptions(), {}, {})(taker)
    assert [rgb.shape[0] for _, rgb in taker.taken] == [330, 512, 310]
    np.testing.assert_array_equal(taker.taken[1][1], portrait)


def test_few_are_read_ahead(folder, monkeypatch):
    """Memory is bounded: a feed that is slow to take holds the readers up."""
    monkeypatch.setattr(frame_producer, "cores", lambda: 3)
    begun = []
    read = images.read_shrunk
    monkeypatch.setattr(images, "read_shrunk", lambda p, *how: begun.append(p) or read(p, *how))
    ahead = []

    class Slow(Taker):
        def push_rgb(self, index, time_, rgb, sar):
            time.sleep(0.03)
            ahead.append(len(begun) - index)
            return super().push_rgb(index, time_, rgb, sar)

    frame_producer.push_singles(resolve(folder), EngineOptions(), {}, {})(Slow())
    assert max(ahead) <= 3 + 1


def test_a_feed_that_is_closed_ends_the_reading(folder, monkeypatch):
    monkeypatch.setattr(frame_producer, "cores", lambda: 2)
    begun = []
    read = images.read_shrunk
    monkeypatch.setattr(images, "read_shrunk", lambda p, *how: begun.append(p) or read(p, *how))
    frame_producer.push_singles(resolve(folder), EngineOptions(), {}, {})(Taker(room=4))
    assert len(begun) <= 4 + 3
    assert decoding_threads() == []


def test_rows_are_those_of_one_thread(engine, folder, monkeypatch):
    many = engine.analyze(folder)
    monkeypatch.setattr(frame_producer, "cores", lambda: 1)
    pd.testing.assert_frame_equal(engine.analyze(folder), many, check_exact=True)


@pytest.mark.parametrize("at", [0, 11, 19])
def test_a_broken_image_is_named_and_rows_before_it_are_kept(engine, folder, tmp_path, at):
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    broken = tmp_path / f"{at:02d}.jpg"
    broken.write_bytes(broken.read_bytes()[:2000])
    with pytest.raises(mien.InputError, match=broken.name) as caught:
        engine.analyze(tmp_path)
    rows = caught.value.partial
    wanted = [str(tmp_path / f"{i:02d}.jpg") for i in range(at)]
    assert list(rows.input.unique()) == wanted
    if at:
        whole = engine.analyze(wanted)
        pd.testing.assert_frame_equal(rows, whole, check_exact=True)
    assert decoding_threads() == []


def test_names_of_arrays_sort_as_the_arrays_do():
    frame = np.zeros((32, 32, 3), np.uint8)
    names = [source.name for source in resolve([frame] * 11)]
    assert names == sorted(names)
    assert names[:2] + names[-1:] == ["00", "01", "10"]
    assert [source.name for source in resolve([frame] * 10)] == list("0123456789")
