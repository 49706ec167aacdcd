"""Mutated videos and images: read, or refused with a typed error, and nothing else."""

from __future__ import annotations

import math
import random
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from mien import VideoFrame

ROOT = Path(__file__).parents[3]
needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="no program ffmpeg")


@pytest.fixture(scope="module", autouse=True)
def importable():
    sys.path.insert(0, str(ROOT))
    yield
    sys.path.remove(str(ROOT))


@needs_ffmpeg
def test_sixty_mutations():
    from fuzz import media
    from fuzz.campaign import run_campaign

    result = run_campaign(media, count=60, first=0)
    assert result.findings == []
    assert result.total == 60
    assert result.kinds["read"] > 20
    assert result.kinds["typed"] > 3
    assert {reader for reader, _ in result.by_reader} == {"core", "pyav"}


@needs_ffmpeg
def test_every_seed_is_read_whole_by_both_decoders(tmp_path):
    from fuzz import media
    from fuzz.media_seeds import FRAMES

    seeds = media._seeds()
    assert len(seeds) >= 25
    for seed in seeds:
        path = tmp_path / seed.name
        path.write_bytes(seed.content)
        counts = {media.read(reader, path) for reader in ("core", "pyav")}
        assert len(counts) == 1, seed.name
        ((read, lost),) = counts
        assert lost == 0, seed.name
        still = path.suffix in (".png", ".jpg", ".tiff", ".webp", ".avif", ".ppm", ".jp2")
        assert read == 1 if still else FRAMES <= read <= 25, seed.name


@needs_ffmpeg
def test_a_mutation_has_a_number_and_is_always_the_same():
    from fuzz import media

    for number in range(0, 90, 7):
        assert media.case(number) == media.case(number)


def test_each_mutation_changes_files_and_takes_any():
    from fuzz.media_mutations import MUTATIONS
    from fuzz.media_seeds import MediaSeed

    contents = (b"x", bytes(range(256)) * 8, b"\0\0\0\x10ftypisom\0\0\0\x08moov" * 20)
    seeds = [MediaSeed(str(i), content) for i, content in enumerate(contents)]
    for mutation in set(MUTATIONS):
        results = [
            mutation(random.Random(n), seed.content, seeds) != seed.content
            for n in range(40)
            for seed in seeds
        ]
        assert any(results), mutation.__name__


def _frame(index: int, time: float, shape: tuple[int, ...] = (4, 4, 3)) -> VideoFrame:
    return VideoFrame(index, time, np.zeros(shape, np.uint8))


@pytest.mark.parametrize(
    ("frames", "message"),
    [
        ([_frame(0, 1.0), _frame(1, math.nan), _frame(2, 0.5)], "time 0.5 after 1.0"),
        ([_frame(0, math.inf)], "time inf"),
        ([_frame(0, 0.0), _frame(2, 1.0)], "has the number 2"),
        ([_frame(0, 0.0, (4, 4))], "shape"),
        ([_frame(0, 0.0, (0, 4, 3))], "shape"),
        ([VideoFrame(i, 0.0, None) for i in range(2000)], "more than 1120 frames"),
    ],
)
def test_what_must_hold_is_checked(frames, message):
    from fuzz.media import check_frames

    with pytest.raises(AssertionError, match=message):
        check_frames(frames)
    assert check_frames([_frame(0, math.nan), VideoFrame(1, 1.0, None)]) == (1, 1)


@needs_ffmpeg
def test_a_packet_of_half_a_gigabyte_by_the_header_is_damage_to_both_decoders(tmp_path):
    from fuzz import media

    seed = next(seed for seed in media._seeds() if seed.name == "mpeg4.mov")
    content = bytearray(seed.content)
    at = content.index(b"stsz") + 16 + 4 * 10  # behind version, size of all, and count
    content[at] = 0x20  # the eleventh size, which FFmpeg has no memory for
    path = tmp_path / seed.name
    path.write_bytes(content)
    core, pyav = (media.read(reader, path) for reader in ("core", "pyav"))
    assert core == pyav
    assert core == (10, 1)
