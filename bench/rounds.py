"""Contests: all contestants in turn, round after round, so that disturbances affect all alike.

Ratios are taken within each round; the result has their median, least and greatest.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

from bench.workers import Contestant, Worker, WorkerError

Answer = dict[str, Any]


def compete(
    contestants: Sequence[Contestant], rounds: int, ratios_of: Sequence[str] = ()
) -> dict[str, Any]:
    """Run all contestants `rounds` times in turn, after a warm-up turn that doesn't count.

    Parameters
    ----------
    contestants : sequence of Contestant
    rounds : int
    ratios_of : sequence of str
        Names of the contestants whose rate is divided by those of all others.

    Returns
    -------
    dict
        `contestants`: by name, see `_summary`. `ratios`: by name of `ratios_of` and of the other,
        `median`, `least` and `greatest` over the rounds of how many times as fast the first is.

    Raises
    ------
    WorkerError
        A worker ended, or lost frames.
    """
    with ExitStack() as stack:
        teams = {
            c.name: [stack.enter_context(closing(Worker(c, cores))) for cores in c.pins]
            for c in contestants
        }
        for contestant in contestants:  # warm: networks read, caches filled, graphs built
            _turn(contestant, teams[contestant.name], warm=True)
        turns = _turns(contestants, teams, rounds)
        return {
            "contestants": {
                c.name: _summary(c, teams[c.name][0].about, turns[c.name]) for c in contestants
            },
            "ratios": {
                one: {
                    other.name: _ratio(turns[one], turns[other.name])
                    for other in contestants
                    if other.name != one
                }
                for one in ratios_of
            },
        }


def _turns(
    contestants: Sequence[Contestant], teams: dict[str, list[Worker]], rounds: int
) -> dict[str, list[list[Answer]]]:
    """Answers of each contestant's workers, by name and round."""
    turns: dict[str, list[list[Answer]]] = {c.name: [] for c in contestants}
    for number in range(1, rounds + 1):
        for contestant in contestants:
            answers = _turn(contestant, teams[contestant.name])
            turns[contestant.name].append(answers)
            rate = f"{_rate(answers):.1f} frames/s"
            print(f"{number}/{rounds} {contestant.name}: {rate}", file=sys.stderr)
    return turns


def _turn(contestant: Contestant, team: list[Worker], warm: bool = False) -> list[Answer]:
    clip = contestant.clip.short if warm else contestant.clip.path
    frames = contestant.clip.short_frames if warm else contestant.clip.frames
    for worker in team:
        worker.ask(clip)
    answers = [worker.answer() for worker in team]
    for answer in answers:
        if answer["frames"] != frames:
            raise WorkerError(
                f"{contestant.name}: wanted {frames} frames of {clip.name}, got {answer['frames']}"
            )
    return answers


def _rate(answers: list[Answer]) -> float:
    """Frames per second of a team: all its frames until its last member is done."""
    return float(sum(a["frames"] for a in answers) / max(a["seconds"] for a in answers))


def _ratio(ours: list[list[Answer]], theirs: list[list[Answer]]) -> dict[str, float]:
    by_round = [_rate(a) / _rate(b) for a, b in zip(ours, theirs, strict=True)]
    return {
        "median": round(statistics.median(by_round), 3),
        "least": round(min(by_round), 3),
        "greatest": round(max(by_round), 3),
    }


def _summary(
    contestant: Contestant, about: dict[str, Any], turns: list[list[Answer]]
) -> dict[str, Any]:
    """Rates by round, core milliseconds per frame over all threads, faces per frame, memory."""
    rates = [_rate(answers) for answers in turns]
    frames = [sum(a["frames"] for a in answers) for answers in turns]
    busy = [
        1000 * sum(a["core_seconds"] for a in answers) / n
        for answers, n in zip(turns, frames, strict=True)
    ]
    last = turns[-1]
    return {
        **about,
        "clip": contestant.clip.about,
        "options": {name: _plain(value) for name, value in contestant.options.items()},
        "processes": len(contestant.pins),
        "fps": [round(rate, 2) for rate in rates],
        "median_fps": round(statistics.median(rates), 2),
        "core_ms_per_frame": round(statistics.median(busy), 3),
        "frames_with_a_face": round(sum(a["found"] for a in last) / frames[-1], 4),
        "faces_per_frame": round(sum(a["faces"] for a in last) / frames[-1], 4),
        "peak_mb": round(max(a["peak_mb"] for a in last), 1),
        "digest": last[0]["digest"],
    }


def _plain(value: Any) -> Any:
    """Without the folders of this machine."""
    return Path(value).name if isinstance(value, str) else value
