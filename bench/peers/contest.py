"""Who is set against whom on which clip."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.clips import Clip, Clips
from bench.peers.interpreters import FACE_LANDMARKER, FACE_MESH, PY_FEAT, Peer
from bench.rounds import compete
from bench.workers import Contestant, processes_per_core

MIEN = "mien"
MIEN_EVERY = "mien, detection on every frame"


def peers(clips: Clips, rounds: int) -> dict[str, Any]:
    """One contest for each clip, mien's two modes in all of them.

    Returns
    -------
    dict
        `contests`, by the clip's name, as `compete` returns them; `skipped`, by name, why a peer
        isn't in them.
    """
    skipped: dict[str, str] = {}
    one = clips.one()
    line_up = {
        one.name: [
            *_mien(one),
            *peers_for(one, skipped),
            *_one_process_a_core([*_mien(one)[:1], *peers_for(one, skipped)]),
            Contestant("OpenCV VideoCapture, reading alone", "opencv_read", one),
            Contestant("mien, decoding alone", "mien_decode", one),
            *_yunet(one, skipped),
            *_py_feat(clips.few(one), skipped),
        ]
    }
    for width, height in ((1280, 720), (1920, 1080)):
        clip = clips.one(width, height)
        line_up[clip.name] = [
            *_mien(clip),
            *peers_for(clip, skipped),
            Contestant("OpenCV VideoCapture, reading alone", "opencv_read", clip),
        ]
    group = clips.group(5)
    line_up[group.name] = [*_mien(group), *peers_for(group, skipped, num_faces=5)]
    contests = {
        name: compete(contestants, rounds, ratios_of=(MIEN, MIEN_EVERY))
        for name, contestants in line_up.items()
    }
    return {"rounds": rounds, "contests": contests, "skipped": skipped}


def _mien(clip: Clip) -> list[Contestant]:
    modes = {MIEN: "track", MIEN_EVERY: "every"}
    return [
        Contestant(name, "mien_engine", clip, {"analyze": {"detect": mode}})
        for name, mode in modes.items()
    ]


def peers_for(clip: Clip, skipped: dict[str, str], num_faces: int = 1) -> list[Contestant]:
    """MediaPipe's engines, as far as they are here; adds why one is not to `skipped`."""
    options: dict[str, Any] = {"num_faces": num_faces}
    found = []
    if python := _python(FACE_LANDMARKER, skipped):
        bundle = _model("face_landmarker.task", FACE_LANDMARKER.name, skipped)
        if bundle:
            options_of_it = {**options, "task": bundle}
            found.append(
                Contestant(FACE_LANDMARKER.name, "face_landmarker", clip, options_of_it, python)
            )
    if python := _python(FACE_MESH, skipped):
        found.append(Contestant(FACE_MESH.name, "face_mesh", clip, options, python))
    return found


def _one_process_a_core(contestants: list[Contestant]) -> list[Contestant]:
    """Engines of one thread fill a machine by running once on each core."""
    pins = processes_per_core()
    return [replace(c, name=f"{c.name}, one process a core", pins=pins) for c in contestants]


def _yunet(clip: Clip, skipped: dict[str, str]) -> list[Contestant]:
    name = "OpenCV YuNet at 320, detection alone"
    model = _model("yunet_n_dynamic.onnx", name, skipped)
    return [Contestant(name, "yunet", clip, {"model": model})] if model else []


def _py_feat(clip: Clip, skipped: dict[str, str]) -> list[Contestant]:
    python = _python(PY_FEAT, skipped)
    return [Contestant(PY_FEAT.name, "py_feat", clip, {}, python)] if python else []


def _python(peer: Peer, skipped: dict[str, str]) -> str | None:
    python = peer.python()
    if python is None:
        skipped[peer.name] = peer.reason
    return python


def _model(name: str, who: str, skipped: dict[str, str]) -> str | None:
    path = Path(os.environ.get("MIEN_MODEL_DIR", "../shared/models")) / name
    if path.exists():
        return str(path.resolve())
    skipped[who] = f"no {name} in MIEN_MODEL_DIR"
    return None
