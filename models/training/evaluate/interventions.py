"""Whether a unit's column follows that unit, and nothing else does: actions moved onto photographs.

    python -m models.training.evaluate.interventions models/packs/default --faces 100 --metrics FILE

Faces are those of the held-out part of LFW and UTKFace that don't show the unit yet. Each is given
the unit at `STRENGTHS`, on both sides and on each side alone (`datasets.moved_actions`), and read
by the pack's engine and by MediaPipe. Rises are in standard deviations of the reader's own column
over unchanged faces, so that scales don't matter.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from models.training.datasets.mesh_geometry import NOSE_TIP
from models.training.datasets.moved_actions.faces import COLOUR, Faces, load
from models.training.datasets.moved_actions.photograph import move
from models.training.datasets.moved_actions.pose import Action
from models.training.datasets.moved_actions.units import UNITS
from models.training.evaluate.intervention_metrics import Doses, summary, unit_metrics
from models.training.evaluate.metrics import plain, write_metrics
from models.training.evaluate.unit_readings import Reader, engine_reader, mediapipe_reader
from models.training.networks.behaviour import ACTION_UNITS

STRENGTHS = (0.0, 0.25, 0.5, 0.75, 1.0)
AT_REST = 200  # unchanged faces that the spread of a column is taken from
DATA = "held-out tenth of LFW and UTKFace, one unit at a time moved onto each photograph"


def some(rows: np.ndarray, count: int) -> np.ndarray:
    """``count`` of the rows, evenly spread; all of them where there are fewer."""
    if len(rows) <= count:
        return rows
    return rows[np.linspace(0, len(rows) - 1, count).astype(int)]


def at_rest(
    readers: dict[str, Reader], faces: Sequence[Faces], count: int
) -> dict[str, np.ndarray]:
    """Standard deviation (U,) of each reader's columns over unchanged faces."""
    values: dict[str, list[np.ndarray]] = {name: [] for name in readers}
    for of in faces:
        for row in some(np.arange(len(of)), count // len(faces)):
            face = of[row]
            for name, read in readers.items():
                answer = read(face.image, face.points[NOSE_TIP, :2])
                if answer is not None:
                    values[name].append(answer)
    return {name: np.std(found, axis=0) for name, found in values.items()}


def doses(
    readers: dict[str, Reader], faces: Sequence[Faces], unit: str, count: int
) -> dict[str, Doses]:
    """What each reader says of faces with a unit moved in; faces that one of them lost are out."""
    actions = [Action(unit, "both", strength) for strength in STRENGTHS]
    if UNITS[unit].sided:
        actions += [Action(unit, side, 1.0) for side in ("left", "right")]
    kept: dict[str, list[np.ndarray]] = {name: [] for name in readers}
    for of in faces:
        for row in some(np.flatnonzero(of.ready(unit)), count // len(faces)):
            face = of[row]
            images = [move(face, action) for action in actions]
            point = face.points[NOSE_TIP, :2]
            answers = {n: [read(im, point) for im in images] for n, read in readers.items()}
            if all(value is not None for said in answers.values() for value in said):
                for name, said in answers.items():
                    kept[name].append(np.array(said))
    width = (0, len(actions), len(ACTION_UNITS))
    return {
        n: Doses(unit, STRENGTHS, np.array(v) if v else np.zeros(width)) for n, v in kept.items()
    }


def evaluate(pack: Path, count: int, datasets: Sequence[str]) -> dict[str, object]:
    """Metrics of a pack, unit by unit, beside MediaPipe's."""
    readers = {"pack": engine_reader(pack), "mediapipe": mediapipe_reader()}
    faces = [load(dataset, "held_out") for dataset in datasets]
    spread = at_rest(readers, faces, AT_REST)
    units: dict[str, dict[str, object]] = {}
    for unit in UNITS:
        found = doses(readers, faces, unit, count)
        units[unit] = {name: unit_metrics(of, spread[name]) for name, of in found.items()}
        print(json.dumps({unit: plain(units[unit])}), flush=True)
    return {"strengths": STRENGTHS, "summary": summary(units), "units": units}


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pack", type=Path, help="folder of a pack")
    parser.add_argument("--faces", type=int, default=100, help="faces a unit, at most")
    parser.add_argument("--datasets", nargs="+", choices=COLOUR, default=list(COLOUR))
    parser.add_argument("--metrics", type=Path, help="write the metrics here")
    options = parser.parse_args()
    metrics = evaluate(options.pack, options.faces, options.datasets)
    print(json.dumps(plain(metrics["summary"]), indent=1))
    if options.metrics:
        command = f"python -m models.training.evaluate.interventions {options.pack}"
        command += f" --faces {options.faces}"
        write_metrics(options.metrics, metrics, command=command, data=DATA)


if __name__ == "__main__":
    main()
