"""FER2013 through the engine itself, with the pack's own detection, alignment and warp.

    python -m models.training.evaluate.engine_fer PACK [--all] --output fer.json

Each 48-pixel image of the held-out split is enlarged and laid on grey, as a user would have to do
(`PRESENTATIONS`), and given to `mien.Engine`. The largest face counts for the image; an image in
which no face is found counts as a wrong answer. Beside each area under the ROC curve of an action
unit against the human expression stands the teacher's own, from the blendshapes it gave.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd

import mien
from mien.schema import EMOTIONS
from models.training.datasets import fer2013
from models.training.datasets.teacher_mesh import decode, read_members
from models.training.evaluate.expression_signs import sign_metrics, teacher_units
from models.training.evaluate.metrics import plain, write_metrics

GREY = 114


@dataclass(frozen=True)
class Presentation:
    """How a 48-pixel image is shown: enlarged, with a grey border in image widths."""

    enlarged: int
    border: float
    interpolation: int = cv2.INTER_CUBIC

    def __call__(self, image: np.ndarray) -> np.ndarray:
        """RGB uint8 (H, W, 3) to (H', W', 3)."""
        big = cv2.resize(
            image,
            None,
            fx=self.enlarged,
            fy=self.enlarged,
            interpolation=self.interpolation,
        )
        pad = round(self.border * big.shape[1])
        return cv2.copyMakeBorder(
            big, pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=(GREY, GREY, GREY)
        )


# The first is the one that counts: as the teacher saw the images.
PRESENTATIONS = {
    "x4": Presentation(4, 0.25),
    "x4_linear": Presentation(4, 0.25, cv2.INTER_LINEAR),
    "x2": Presentation(2, 0.25),
    "x6": Presentation(6, 0.25),
    "x1": Presentation(1, 0.25),
    "x4_wide_border": Presentation(4, 1.0),
    "x4_no_border": Presentation(4, 0.0),
}


def held_out() -> tuple[list[str], list[np.ndarray], np.ndarray]:
    """Names, RGB images (48, 48, 3) and human labels (N,) as text of the held-out split."""
    archive, names = read_members("fer2013")
    names = [name for name in names if name.startswith(fer2013.HELD_OUT + "/")]
    images = [decode(archive.read(name)) for name in names]
    human = np.array([fer2013.LABELS[name.split("/")[1]] for name in names])
    return names, images, human


def largest_faces(table: pd.DataFrame, count: int) -> pd.DataFrame:
    """The row of each input's largest face, in the order of the inputs; NaN where there is none."""
    area = table["FaceRectWidth"] * table["FaceRectHeight"]
    order = pd.DataFrame(table).assign(area=area.fillna(-1.0), index=table["input"].astype(int))
    best = order.sort_values("area").drop_duplicates("index", keep="last").set_index("index")
    return best.reindex(range(count))


def expression_metrics(faces: pd.DataFrame, human: np.ndarray) -> dict[str, Any]:
    """Accuracy of all images, those without a face being wrong, and of those with one."""
    probability = faces.loc[:, list(EMOTIONS)].to_numpy(float)
    found = np.isfinite(probability).all(1)
    guess = np.array(EMOTIONS)[np.where(found[:, None], probability, 0.0).argmax(1)]
    right = found & (guess == human)
    recall = {name: float(right[human == name].mean()) for name in EMOTIONS}
    return {
        "images": len(human),
        "not_found": float((~found).mean()),
        "accuracy": float(right.mean()),
        "accuracy_where_found": float(right[found].mean()) if found.any() else math.nan,
        "uar": float(np.mean(list(recall.values()))),
        "recall": recall,
    }


def run(
    engine: mien.Engine,
    images: list[np.ndarray],
    human: np.ndarray,
    presentation: Presentation,
) -> dict[str, Any]:
    """Metrics of one presentation."""
    table = engine.analyze([presentation(image) for image in images])
    faces = largest_faces(table, len(images))
    scores = faces["FaceScore"].dropna()
    return {
        "side": presentation(images[0]).shape[0],
        **expression_metrics(faces, human),
        "units_over_neutral": sign_metrics(faces, human),
        "face_score": {f"p{q}": float(scores.quantile(q / 100)) for q in (1, 5, 25, 50)},
    }


def report(
    pack: str | Path, names: Sequence[str], score_threshold: float | None = None
) -> dict[str, Any]:
    """Metrics of ``pack`` under the named presentations, and the teacher's."""
    engine = mien.Engine(pack, device="cpu", threads=1, score_threshold=score_threshold)
    members, images, human = held_out()
    shown = {name: run(engine, images, human, PRESENTATIONS[name]) for name in names}
    return {
        "engine_fer": {
            "score_threshold": engine.options["score_threshold"],
            **shown,
            "teacher_units_over_neutral": sign_metrics(teacher_units(members), human),
        }
    }


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pack", help="folder or name of a pack")
    parser.add_argument("--all", action="store_true", help="every presentation, not just the first")
    parser.add_argument("--score-threshold", type=float, help="instead of the pack's own")
    parser.add_argument("--output", type=Path, help="metrics for a card, JSON")
    options = parser.parse_args()
    names = list(PRESENTATIONS) if options.all else list(PRESENTATIONS)[:1]
    metrics = report(options.pack, names, options.score_threshold)
    print(json.dumps(plain(metrics), indent=1))
    if options.output:
        write_metrics(
            options.output,
            metrics,
            command="python -m models.training.evaluate.engine_fer PACK" + " --all" * options.all,
            data="FER2013 public/ (human labels), through the engine's own align and warp",
        )


if __name__ == "__main__":
    main()
