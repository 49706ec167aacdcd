"""Timing of networks, in turns so that a busy machine slows all of them alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import numpy as np

from models.training.onnx.behaviour_runner import BehaviourRunner


def durations(calls: Mapping[str, Callable[[], object]], runs: int = 300) -> dict[str, np.ndarray]:
    """Time some calls, taking turns.

    Parameters
    ----------
    calls : mapping
        Name to what is timed.
    runs : int
        Calls of each.

    Returns
    -------
    dict
        Name to durations (runs,) in milliseconds.
    """
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(runs):
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            taken[name].append(1e3 * (time.perf_counter() - start))
    return {name: np.array(values) for name, values in taken.items()}


def crop_milliseconds(
    networks: Mapping[str, BehaviourRunner], runs: int = 300
) -> dict[str, dict[str, float]]:
    """Time of one crop on one thread, for some behaviour networks.

    Returns
    -------
    dict
        Name to ``best`` and ``median``, milliseconds.
    """
    random = np.random.default_rng(0)
    calls = {}
    for name, network in networks.items():
        crop = random.integers(0, 256, (1, network.size, network.size, 3), np.uint8)
        tensor = network.tensor(crop)
        calls[name] = lambda network=network, tensor=tensor: network.raw(tensor)
    taken = durations(calls, runs)
    return {n: {"best": float(t.min()), "median": float(np.median(t))} for n, t in taken.items()}


def call_milliseconds(
    calls: Mapping[str, Callable[[], object]], runs: int = 300
) -> dict[str, dict[str, float]]:
    """Time of some calls.

    Returns
    -------
    dict
        Name to ``p5`` (5th percentile) and ``median``, milliseconds.
    """
    taken = durations(calls, runs)
    levels = {n: np.percentile(t, [5, 50]).round(3).tolist() for n, t in taken.items()}
    return {name: dict(zip(("p5", "median"), pair, strict=True)) for name, pair in levels.items()}
