"""From action units to the shape of a face: partial least squares, for images of synthetic faces.

    python -m models.training.train.face_shape         # writes python/mien/plot/face_model.npz

It learns from the meshes and units that `models.training.datasets.teacher_mesh` and
`models.training.datasets.crops` left in the cache. Each mesh is turned upright and frontal by the
head's rotation, read as 68 points, and laid on the others by those points that the face's muscles
do not move, so that what is left is the shape of the face and its movement, not the head's. Every
face counts a second time mirrored, which makes the model symmetric.

The datasets have one image a person. So what differs between people goes along with units whose
level differs between people (a child's eyes are wide and its chin is near), and a regression can't
tell that from movement. Each part of the face therefore follows only the units whose muscles reach
it: `PARTS`.

The shipped file holds `neutral` (68, 2), `movement` (units, 68, 2) and `units`, and as JSON under
`provenance` where it comes from and how well it does; landmarks = neutral + sum of unit * movement.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from models.training.datasets.paths import REPOSITORY
from models.training.networks.behaviour import ACTION_UNITS
from models.training.train.face_shape_data import DATASETS, FIXED, NEAR_FRONTAL, load
from models.training.train.face_shape_model import FOLDS, cross_validate, fit, seen_units

COMPONENTS = (5, 10, 15, 20, 25, 30, 34)
# A smaller model is taken if it comes this near to the best.
ENOUGH = 0.002
LICENSE = "Apache-2.0"


def choose(metrics: dict[int, dict[str, float]]) -> int:
    """The fewest components whose r2 is near the best."""
    best = max(f["r2"] for f in metrics.values())
    return min(n for n, f in metrics.items() if f["r2"] >= best - ENOUGH)


def build(out: Path, datasets: tuple[str, ...] = DATASETS) -> dict[str, object]:
    """Train, cross-validate and write the model; returns its provenance."""
    faces = load(datasets)
    possible = tuple(n for n in COMPONENTS if n <= len(seen_units(faces.units)))
    metrics = cross_validate(faces, possible)
    components = choose(metrics)
    free = cross_validate(faces, (components,), restricted=False)
    neutral, movement, drawn = fit(faces, components)
    provenance = {
        "made_by": "models/training/train/face_shape.py",
        "license": LICENSE,
        "datasets": list(datasets),
        "faces": len(faces.people),
        "people": int(faces.people.max() + 1),
        "people_of_utkface": "unnamed; each image counts as a person",
        "pose": f"|Pitch| and |Yaw| below {np.rad2deg(NEAR_FRONTAL):.0f} degrees, "
        "frontalized by the mesh",
        "aligned_by": list(FIXED),
        "unit": "interocular distances",
        "components": components,
        "parts": "mouth and foot of the nose follow units of the lower face, "
        "the jaw's line AU26 alone",
        "folds": FOLDS,
        "figures": metrics[components],
        "r2_if_every_point_followed_every_unit": free[components]["r2"],
        "curve": {str(n): f["r2"] for n, f in metrics.items()},
        "drawn_by_hand": drawn,
        "caution": "units and landmarks come of one teacher's mesh: r2 says how well units give "
        "back its shape, not how well they agree with human coders",
    }
    np.savez_compressed(
        out,
        units=np.array(ACTION_UNITS),
        neutral=neutral.astype(np.float32),
        movement=movement.astype(np.float32),
        provenance=np.array(json.dumps(provenance)),
    )
    return provenance


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    default = REPOSITORY / "python" / "mien" / "plot" / "face_model.npz"
    parser.add_argument("--out", type=Path, default=default)
    print(json.dumps(build(parser.parse_args().out), indent=1))


if __name__ == "__main__":
    main()
