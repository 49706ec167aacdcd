"""Tracks of faces that move at random."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from step_helpers import relaxed
from steps_extension import require_steps

steps = require_steps()


@relaxed
@given(st.integers(0, 10_000), st.integers(1, 5), st.booleans())
def test_slow_faces_far_apart_keep_their_numbers(seed, faces, timed):
    rng = np.random.default_rng(seed)
    tracker = steps.Tracker()
    start = np.arange(faces)[:, None] * [[200.0, 30.0]]
    velocity = rng.uniform(-3, 3, (faces, 2))
    for i in range(25):
        boxes = np.concatenate(
            [start + velocity * i + rng.normal(0, 1, (faces, 2)), np.full((faces, 2), 60.0)], 1
        )
        order = rng.permutation(faces)
        numbers = tracker.update(i, i / 30 if timed else math.nan, boxes[order])
        if i == 0:
            of_face = dict(zip(order.tolist(), numbers, strict=True))
        assert numbers == [of_face[f] for f in order.tolist()]


@relaxed
@given(st.integers(0, 10_000))
def test_numbers_are_distinct_within_a_frame_and_count_up(seed):
    rng = np.random.default_rng(seed)
    tracker = steps.Tracker()
    highest, seen = -1, set()
    for i in range(40):
        n = int(rng.integers(0, 6))
        boxes = np.concatenate([rng.uniform(0, 200, (n, 2)), rng.uniform(10, 80, (n, 2))], 1)
        numbers = tracker.update(i, i / 30, boxes)
        assert len(set(numbers)) == n
        new = sorted(set(numbers) - seen)
        assert new == list(range(highest + 1, highest + 1 + len(new)))
        highest += len(new)
        seen.update(numbers)


@relaxed
@given(st.integers(0, 10_000))
def test_the_same_boxes_give_the_same_numbers(seed):
    def run() -> list[list[int]]:
        rng = np.random.default_rng(seed)
        tracker = steps.Tracker()
        sizes = rng.integers(0, 5, 30)
        return [
            tracker.update(i, i / 30, rng.uniform(5, 90, (int(n), 4))) for i, n in enumerate(sizes)
        ]

    assert run() == run()
