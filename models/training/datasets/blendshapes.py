"""The table of BLENDSHAPES.md: which of the teacher's signals stand for which action unit.

    python -m models.training.datasets.blendshapes             # writes the table
    python -m models.training.datasets.blendshapes --measure   # prints MEASURED anew

What a unit is made of is taken from `models.training.datasets.unit_signals`, so that the table
cannot fall behind it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from models.training.datasets import mesh_geometry, unit_signals
from models.training.losses.relations import RELATIONS, unit_number
from models.training.networks.behaviour import ACTION_UNITS

DOCUMENT = Path(__file__).with_name("BLENDSHAPES.md")
BEGIN, END = "<!-- begin table -->", "<!-- end table -->"
EVIDENT = 0.5  # an expression shows a unit if at least this share of people do (Du et al. 2014)

NAMES = {
    "AU01": "inner brow raiser",
    "AU02": "outer brow raiser",
    "AU04": "brow lowerer",
    "AU05": "upper lid raiser",
    "AU06": "cheek raiser",
    "AU07": "lid tightener",
    "AU09": "nose wrinkler",
    "AU10": "upper lip raiser",
    "AU12": "lip corner puller",
    "AU14": "dimpler",
    "AU15": "lip corner depressor",
    "AU16": "lower lip depressor",
    "AU17": "chin raiser",
    "AU18": "lip pucker",
    "AU20": "lip stretcher",
    "AU22": "lip funneler",
    "AU23": "lip tightener",
    "AU24": "lip pressor",
    "AU25": "lips part",
    "AU26": "jaw drop",
    "AU28": "lip suck",
    "AU43": "eyes closed",
}
GEOMETRY = {
    "AU06": "height of the lower lid's middle over the line of the eye corners",
    "AU25": "gap between the inner lips' middles",
}
# ROC-AUC against neutral on FER2013's images with a face, of each expression that shows the unit;
# both sides averaged. `--measure` prints it.
MEASURED: dict[str, dict[str, float]] = {
    "AU01": {"sadness": 0.49, "fear": 0.55, "surprise": 0.76},
    "AU02": {"fear": 0.52, "surprise": 0.74},
    "AU04": {"sadness": 0.55, "fear": 0.48, "anger": 0.65},
    "AU05": {"fear": 0.53, "surprise": 0.81},
    "AU06": {"happiness": 0.73, "sadness": 0.59},
    "AU07": {"anger": 0.62},
    "AU10": {"disgust": 0.71},
    "AU12": {"happiness": 0.93},
    "AU15": {"sadness": 0.57},
    "AU17": {"sadness": 0.53, "anger": 0.4, "disgust": 0.37},
    "AU20": {"fear": 0.58},
    "AU24": {"anger": 0.49},
    "AU25": {"happiness": 0.81, "fear": 0.67, "surprise": 0.86},
    "AU26": {"surprise": 0.87},
}


def bases() -> list[str]:
    """Action units without their sides, in the network's order."""
    return list(dict.fromkeys(unit.partition("_")[0] for unit in ACTION_UNITS))


def evident(unit: str) -> list[str]:
    """Expressions that show a unit."""
    number = unit_number(unit)
    return [e for e, shown in RELATIONS.items() if shown.get(number, 0) >= EVIDENT]


def made_of(unit: str) -> str:
    """What a unit's signal is made of, for people."""
    if unit in unit_signals.UNSEEN:
        return "nothing"
    if unit in GEOMETRY:
        return f"mesh: {GEOMETRY[unit]}"
    names = ", ".join(f"`{n.format('*')}`" for n in unit_signals.UNIT_BLENDSHAPES[unit])
    return f"mean of {names}" if len(unit_signals.UNIT_BLENDSHAPES[unit]) > 1 else names


def table() -> str:
    """The table in Markdown."""
    rows = [
        "| unit | name | teacher's signal | sides | AUC against neutral | from expression |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for unit in bases():
        measured = (
            [f"{e} {MEASURED[unit][e]:.2f}" for e in evident(unit)] if unit in MEASURED else []
        )
        cells = (
            unit,
            NAMES[unit],
            made_of(unit),
            "left, right" if f"{unit}_L" in ACTION_UNITS else "one",
            ", ".join(measured) or "not measured",
            f"{unit_signals.EVIDENCE[unit]:.0%}" if unit in unit_signals.EVIDENCE else "",
        )
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def document(text: str) -> str:
    """`text` with the table between its marks made anew."""
    before, _, rest = text.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise ValueError(f"{DOCUMENT}: wanted a table between {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


def measure() -> dict[str, dict[str, float]]:
    """`MEASURED`, from the teacher's cached labels of FER2013."""
    from sklearn.metrics import roc_auc_score

    from models.training.datasets import fer2013
    from models.training.datasets.paths import require
    from models.training.datasets.teacher_mesh import label_path

    with np.load(require(label_path("fer2013"), "teacher labels")) as answer:
        found = answer["found"]
        head = mesh_geometry.head_frame(
            answer["points"][found], mesh_geometry.rotations(answer["matrices"][found])
        )
        raw = unit_signals.raw_units(answer["shapes"][found], head)
        named = np.array([fer2013.LABELS[n.split("/")[1]] for n in answer["names"][found]])
    measured: dict[str, dict[str, float]] = {}
    for unit in bases():
        if unit in unit_signals.UNSEEN or not evident(unit):
            continue
        columns = [i for i, u in enumerate(ACTION_UNITS) if u.partition("_")[0] == unit]
        signal = raw[:, columns].mean(1)
        measured[unit] = {}
        for expression in evident(unit):
            rows = np.isin(named, (expression, "neutral"))
            auc = roc_auc_score(named[rows] == expression, signal[rows])
            measured[unit][expression] = round(float(auc), 2)
    return measured


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--measure", action="store_true", help="print MEASURED and do nothing else")
    if parser.parse_args().measure:
        print(measure())
    else:
        DOCUMENT.write_text(document(DOCUMENT.read_text()))


if __name__ == "__main__":
    main()
