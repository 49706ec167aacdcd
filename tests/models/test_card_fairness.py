"""Fairness by age, gender and race: tables in, metrics of a card out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

measures = pytest.importorskip("mien.metrics", reason="mien is not installed")
from mien.schema import EMOTIONS
from models.training.evaluate.fairness import age_bands, fairness_metrics, main, utkface_people
from models.training.evaluate.metrics import MetricsError, read_metrics

UNITS = ["AU01", "AU12"]


@pytest.fixture
def faces() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Truth, estimate and people of 200 faces; men are estimated worse."""
    rng = np.random.default_rng(0)
    size = 200
    people = pd.DataFrame(
        {
            "age": rng.integers(1, 90, size).astype(float),
            "gender": rng.choice(["female", "male"], size),
            "race": rng.choice(["asian", "black", "white", None], size),
        }
    )
    noise = np.where(people["gender"] == "male", 0.6, 0.1)[:, None]
    units, affect = rng.random((size, 2)), rng.uniform(-1, 1, (size, 2))
    points = rng.uniform(0, 100, (size, 136))
    label = rng.integers(0, 7, size)
    said = np.where(rng.random(size) < noise[:, 0], (label + 1) % 7, label)
    names = [f"{axis}_{i}" for axis in "xy" for i in range(68)]

    def table(noise: np.ndarray | float) -> pd.DataFrame:
        parts = [(units, UNITS), (affect, ["valence", "arousal"]), (points, names)]
        made = [pd.DataFrame(v + noise * rng.normal(0, 1, v.shape), columns=c) for v, c in parts]
        return pd.concat(made, axis=1)

    truth = table(0.0).assign(expression=np.array(EMOTIONS)[label], AU43=0.0)
    estimate = pd.concat(
        [table(noise), pd.DataFrame(np.eye(7)[said], columns=list(EMOTIONS))], axis=1
    )
    return truth, estimate.assign(AU43=0.0), people


def test_metrics_are_those_of_mien(faces) -> None:
    truth, estimate, people = faces
    metrics = fairness_metrics(truth, estimate, people, resamples=50)
    assert list(metrics["groups"]) == ["age", "gender", "race"]
    assert list(metrics["groups"]["age"]) == ["0-12", "13-25", "26-45", "46-65", "66 and over"]
    for gender, group in metrics["groups"]["gender"].items():
        rows = (people["gender"] == gender).to_numpy()
        assert group["n"] == rows.sum()
        said = estimate.loc[rows, list(EMOTIONS)].idxmax(axis=1)
        wanted = {
            "expression_uar": measures.uar(truth.loc[rows, "expression"], said),
            "valence_ccc": measures.ccc(truth.loc[rows, "valence"], estimate.loc[rows, "valence"]),
            "units_pcc": np.mean(
                [measures.pcc(truth.loc[rows, u], estimate.loc[rows, u]) for u in UNITS]
            ),
            "landmarks_nme": measures.nme(truth[rows], estimate[rows]),
        }
        for name, value in wanted.items():
            assert group[name]["value"] == pytest.approx(value)
            assert group[name]["low"] <= value <= group[name]["high"]
    said = estimate[list(EMOTIONS)].idxmax(axis=1)
    gender = metrics["fairness"]["gender"]
    assert gender["expression_equality_of_opportunity"] == pytest.approx(
        measures.equality_of_opportunity(truth["expression"], said, people["gender"])
    )
    assert gender["arousal_ccc"] == pytest.approx(
        measures.fairness_ccc(truth["arousal"], estimate["arousal"], people["gender"])
    )
    each = [
        measures.equal_opportunity_difference(
            truth[u] >= 0.5, estimate[u] >= 0.5, people["gender"], positive=True
        )
        for u in UNITS
    ]
    assert gender["units_equal_opportunity_difference"] == pytest.approx(np.mean(each))


def test_what_serves_all_alike_is_fair(faces) -> None:
    truth, _, people = faces
    fair = fairness_metrics(truth, truth, people, resamples=0)["fairness"]["gender"]
    assert fair["expression_equality_of_opportunity"] == 1
    assert fair["expression_equal_opportunity_difference"] == 0
    assert fair["units_equal_opportunity_difference"] == 0
    assert fair["valence_ccc"] == pytest.approx(1)


def test_the_command(faces, tmp_path: Path) -> None:
    truth, estimate, people = faces
    pd.concat([truth, people], axis=1).to_parquet(tmp_path / "truth.parquet")
    estimate.to_csv(tmp_path / "estimate.csv", index=False)
    out = tmp_path / "fair.json"
    words = [str(tmp_path / n) for n in ("truth.parquet", "estimate.csv")]
    options = ["--output", str(out), "--data", "faces", "--resamples", "20"]
    main([*words, *options])
    content = read_metrics(out)
    assert content["data"] == "faces"
    wanted = fairness_metrics(truth, estimate, people, resamples=20)["fairness"]["race"]
    assert content["metrics"]["fairness"]["race"] == pytest.approx(wanted, rel=1e-4)
    json.loads(out.read_text(), parse_constant=pytest.fail)


def test_people_of_utkface() -> None:
    people = utkface_people(["25_1_2_2017.jpg", "61_1_20170109.jpg", "x/1_0_4_2016.jpg.chip.jpg"])
    assert people["age"].tolist()[::2] == [25, 1]
    assert people["gender"].tolist()[::2] == ["female", "male"]
    assert people["race"].tolist()[::2] == ["asian", "other"]
    assert people.loc[1].isna().all()
    ages = pd.Series([0, 12, 13, 65, 66, 116, np.nan])
    assert age_bands(ages).tolist()[:6] == ["0-12", "0-12", "13-25", "46-65", *["66 and over"] * 2]
    assert age_bands(ages).isna().tolist()[6]


def test_rows_of_other_faces_are_refused(faces) -> None:
    truth, estimate, people = faces
    with pytest.raises(MetricsError, match="same faces"):
        fairness_metrics(truth, estimate[1:], people)
    with pytest.raises(MetricsError, match="age, gender, race"):
        fairness_metrics(truth, estimate, people[[]])
