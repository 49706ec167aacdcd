"""Measures a behaviour network file on what training never saw; prints JSON.

    python -m models.evaluate.behaviour models/packs/default/behaviour.onnx [--float fp32.onnx]

Human labels exist for expressions alone (FER2013 public/). Every other figure is agreement with
the teacher, on FER2013 public/ and on the held-out tenth of LFW and UTKFace.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import cv2
import numpy as np
import onnxruntime as ort
import torch

from models.corpora import crops
from models.corpora.paths import data_dir, model_dir
from models.corpora.teacher_mesh import Teacher
from models.export.metadata import read_metadata
from models.networks.behaviour import ACTION_UNITS, EXPRESSIONS, mirror_values
from models.train.behaviour import Crops, normalize

# A teacher's unit that hardly moves in a corpus has no correlation worth the name.
MOVING = 0.02
AGES = ((0, 12), (13, 25), (26, 45), (46, 65), (66, 120))
RACES = ("White", "Black", "Asian", "Indian", "Others")


class Network:
    """An ONNX behaviour network run as its metadata say."""

    def __init__(self, path: Path) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self.metadata = read_metadata(path)
        self.heads = self.metadata["mien.heads"].split(",")

    def raw(self, tensor: np.ndarray) -> dict[str, np.ndarray]:
        outputs = self.session.run(self.heads, {self.metadata["mien.input.name"]: tensor})
        return dict(zip(self.heads, outputs, strict=True))

    def __call__(self, pictures: np.ndarray, batch: int = 16) -> dict[str, np.ndarray]:
        """Head values (N, K) of uint8 crops (N, 112, 112, 3)."""
        tensor = np.ascontiguousarray(normalize(torch.from_numpy(pictures)).numpy())
        parts = [self.raw(tensor[i : i + batch]) for i in range(0, len(tensor), batch)]
        stacked = {h: np.concatenate([p[h] for p in parts]).astype(np.float64) for h in self.heads}
        return {h: self._value(h, x) for h, x in stacked.items()}

    def _value(self, head: str, x: np.ndarray) -> np.ndarray:
        key = f"mien.head.{head}."
        kind = self.metadata[key + "activation"]
        if kind == "sigmoid":
            x = 1 / (1 + np.exp(-x))
        elif kind == "tanh":
            x = np.tanh(x)
        elif kind == "softmax":
            x = np.exp(x - x.max(1, keepdims=True))
            x /= x.sum(1, keepdims=True)
        elif kind != "identity":
            raise ValueError(f"head {head}: unknown activation {kind!r}")
        return x * float(self.metadata[key + "scale"]) + float(self.metadata[key + "offset"])


def auc(negative: np.ndarray, positive: np.ndarray) -> float:
    """Probability that a positive sample scores higher than a negative one, ties half."""
    both = np.concatenate([negative, positive])
    _, inverse, counts = np.unique(both, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    n, m = len(negative), len(positive)
    return float((ranks[n:].sum() - m * (m + 1) / 2) / (n * m))


def unit(values: np.ndarray, name: str) -> np.ndarray:
    """A unit's intensity (N,), the stronger side for units with sides, as in the table."""
    return values[:, [i for i, u in enumerate(ACTION_UNITS) if u.partition("_")[0] == name]].max(1)


def held_out_crops(corpus: str) -> dict[str, np.ndarray]:
    dataset = Crops((corpus,), training=False)
    items = [dataset[i] for i in range(len(dataset))]
    out = {key: np.stack([item[key] for item in items]) for key in items[0]}
    _pictures, labels = crops.load(corpus)
    out["name"] = labels["names"][dataset.table["row"]]
    return out


def expression_report(values: dict[str, np.ndarray], human: np.ndarray) -> dict[str, object]:
    guess = values["expression"].argmax(1)
    size = len(EXPRESSIONS)
    confusion = np.zeros((size, size), int)
    np.add.at(confusion, (human, guess), 1)
    recall = confusion.diagonal() / confusion.sum(1)
    happy, neutral = (human == EXPRESSIONS.index(e) for e in ("happiness", "neutral"))
    report: dict[str, object] = {
        "pictures": len(human),
        "accuracy": float((guess == human).mean()),
        "unweighted_average_recall": float(recall.mean()),
        "recall": dict(zip(EXPRESSIONS, recall.tolist(), strict=True)),
        "confusion_rows_are_human": confusion.tolist(),
        "auc_happy_over_neutral": {
            "happiness": auc(values["expression"][neutral, 3], values["expression"][happy, 3]),
            "AU12": auc(*(unit(values["action_units"], "AU12")[k] for k in (neutral, happy))),
            "AU06": auc(*(unit(values["action_units"], "AU06")[k] for k in (neutral, happy))),
            "valence": auc(values["affect"][neutral, 0], values["affect"][happy, 0]),
        },
        "auc_over_neutral": {},
    }
    for e, au in (
        ("surprise", "AU26"),
        ("surprise", "AU01"),
        ("surprise", "AU05"),
        ("anger", "AU04"),
        ("sadness", "AU15"),
        ("disgust", "AU10"),
    ):
        rows = human == EXPRESSIONS.index(e)
        report["auc_over_neutral"][f"{e} {au}"] = auc(
            *(unit(values["action_units"], au)[k] for k in (neutral, rows))
        )
    report["affect_mean"] = {
        e: values["affect"][human == i].mean(0).tolist() for i, e in enumerate(EXPRESSIONS)
    }
    return report


def teacher_report(values: dict[str, np.ndarray], data: dict[str, np.ndarray]) -> dict[str, object]:
    """Agreement with the teacher where it found a face."""
    found = data["mask_found"] > 0
    error = landmark_error(values, data)[found]
    report: dict[str, object] = {
        "pictures": int(found.sum()),
        "landmark_nme_interocular": float(error.mean()),
        "landmark_nme_90th_percentile": float(np.percentile(error, 90)),
    }
    for head, names in (("pose", ("Pitch", "Roll", "Yaw")), ("gaze", ("gaze_pitch", "gaze_yaw"))):
        for i, name in enumerate(names):
            a, b = values[head][found, i], data[head][found, i]
            report[name] = {
                "mae_degrees": float(np.degrees(np.abs(a - b).mean())),
                "r": float(np.corrcoef(a, b)[0, 1]),
                "teacher_sd_degrees": float(np.degrees(b.std())),
            }
    report["units_r"] = unit_correlations(values, data, found)
    report["units_r_mean"] = float(np.mean(list(report["units_r"].values())))
    report["units_mae"] = float(np.abs(values["action_units"] - data["action_units"])[found].mean())
    return report


def landmark_error(values: dict[str, np.ndarray], data: dict[str, np.ndarray]) -> np.ndarray:
    """Mean point error over interocular distance (N,), eye centres as in the 68 points."""
    ours, theirs = (d["landmarks"].reshape(-1, 2, 68) for d in (values, data))
    eyes = theirs[:, :, 36:42].mean(2) - theirs[:, :, 42:48].mean(2)
    return np.linalg.norm(ours - theirs, axis=1).mean(1) / np.linalg.norm(eyes, axis=1)


def unit_correlations(values, data, rows: np.ndarray) -> dict[str, float]:
    out = {}
    for i, name in enumerate(ACTION_UNITS):
        a, b = values["action_units"][rows, i], data["action_units"][rows, i]
        if b.std() >= MOVING:
            out[name] = float(np.corrcoef(a, b)[0, 1])
    return out


def smile_report(values, data) -> dict[str, float]:
    """On colour photographs: does happiness follow the teacher's smile?"""
    found = data["mask_found"] > 0
    smile = unit(data["action_units"], "AU12")
    broad, none = found & (smile > 0.6), found & (smile < 0.1)
    happiness = values["expression"][:, EXPRESSIONS.index("happiness")]
    return {
        "auc_happiness": auc(happiness[none], happiness[broad]),
        "happiness_mean_smiling": float(happiness[broad].mean()),
        "happiness_mean_not": float(happiness[none].mean()),
        "auc_AU12": auc(*(unit(values["action_units"], "AU12")[k] for k in (none, broad))),
    }


def mirror_report(network: Network, pictures: np.ndarray) -> dict[str, object]:
    """Mean difference between the mirrored picture's values and the values, mirrored."""
    straight = mirror_values(network(pictures))
    turned = network(np.ascontiguousarray(pictures[:, :, ::-1]))
    report: dict[str, object] = {
        f"{h}_mean_abs": float(np.abs(straight[h] - turned[h]).mean()) for h in straight
    }
    for head, column, name in (("pose", 1, "Roll"), ("pose", 2, "Yaw"), ("gaze", 1, "gaze_yaw")):
        report[name + "_r"] = float(
            np.corrcoef(straight[head][:, column], turned[head][:, column])[0, 1]
        )
    return report


def batch_report(network: Network, pictures: np.ndarray) -> dict[str, bool]:
    """Whether every output is bit for bit the same alone and among sixteen."""
    tensor = np.ascontiguousarray(normalize(torch.from_numpy(pictures[:16])).numpy())
    together = network.raw(tensor)
    alone = [network.raw(tensor[i : i + 1]) for i in range(len(tensor))]
    return {
        h: bool(np.array_equal(together[h], np.concatenate([a[h] for a in alone])))
        for h in network.heads
    }


def difference_report(network: Network, other: Network, pictures: np.ndarray) -> dict[str, float]:
    a, b = network(pictures), other(pictures)
    report = {f"{h}_mean_abs": float(np.abs(a[h] - b[h]).mean()) for h in a}
    same = a["expression"].argmax(1) == b["expression"].argmax(1)
    return report | {"expression_same_class": float(same.mean())}


def fairness_report(values, data) -> dict[str, dict[str, object]]:
    """Agreement with the teacher by UTKFace's own age, gender and race labels."""
    fields = [str(n).split("_") for n in data["name"]]
    found = data["mask_found"] > 0
    error = landmark_error(values, data)
    groups: dict[str, np.ndarray] = {}
    whole = np.array([len(f) == 4 for f in fields])
    age = np.array([int(f[0]) if len(f) == 4 else -1 for f in fields])
    gender = np.array([f[1] if len(f) == 4 else "" for f in fields])
    race = np.array([f[2] if len(f) == 4 else "" for f in fields])
    groups |= {f"age {a}-{b}": (age >= a) & (age <= b) for a, b in AGES}
    groups |= {"male": gender == "0", "female": gender == "1"}
    groups |= {name: race == str(i) for i, name in enumerate(RACES)}
    report = {}
    for name, members in groups.items():
        rows = members & whole & found
        if rows.sum() < 20:
            continue
        units = unit_correlations(values, data, rows)
        report[name] = {
            "pictures": int(rows.sum()),
            "nme": float(error[rows].mean()),
            "units_r_mean": float(np.mean(list(units.values()))),
            "AU12_mae": float(
                np.abs(unit(values["action_units"], "AU12") - unit(data["action_units"], "AU12"))[
                    rows
                ].mean()
            ),
            "Yaw_mae_degrees": float(
                np.degrees(np.abs(values["pose"] - data["pose"])[rows, 2].mean())
            ),
        }
    return report


def teacher_signal() -> dict[str, dict[str, float]]:
    """How well the teacher's own units tell FER2013's human labels from neutral: AUC by unit."""
    _, labels = crops.load("fer2013")
    found, human = labels["found"], labels["expression"]
    report: dict[str, dict[str, float]] = {}
    for name in dict.fromkeys(u.partition("_")[0] for u in ACTION_UNITS):
        values = unit(labels["units"], name)
        neutral = values[found & (human == EXPRESSIONS.index("neutral"))]
        report[name] = {
            e: auc(neutral, values[found & (human == i)])
            for i, e in enumerate(EXPRESSIONS)
            if e != "neutral"
        }
    return report


def photograph_report(network: Network) -> dict[str, object]:
    """The test photographs, aligned by the teacher's points: values next to the teacher's."""
    report: dict[str, object] = {}
    folder = data_dir() / "pyfeat"
    with Teacher(model_dir() / "face_landmarker.task") as teacher:
        for path in sorted(folder.glob("*.jpg")) + sorted(folder.glob("*.png")):
            bgr = cv2.imread(str(path), cv2.IMREAD_COLOR)
            rgb = cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)
            answer = teacher(rgb)
            if answer is None:
                report[path.name] = "no face"
                continue
            picture, _ = crops.crop(rgb, crops.five_points(answer[0][None])[0])
            values = {h: v[0] for h, v in network(picture[None]).items()}
            theirs = crops.pose_angles(crops.rotations(answer[2][None]))[0]
            report[path.name] = {
                "expression": dict(
                    zip(EXPRESSIONS, values["expression"].round(3).tolist(), strict=True)
                ),
                "AU12": float(unit(values["action_units"][None], "AU12")[0]),
                "valence_arousal": values["affect"].round(3).tolist(),
                "pose_degrees": np.degrees(values["pose"]).round(1).tolist(),
                "teacher_pose_degrees_in_picture": np.degrees(theirs).round(1).tolist(),
            }
    return report


def milliseconds(network: Network, runs: int = 400) -> dict[str, float]:
    tensor = np.zeros((1, 3, 112, 112), np.float32)
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        network.raw(tensor)
        times.append((time.perf_counter() - start) * 1e3)
    return {"best": min(times), "median": float(np.median(times))}


def report(path: Path, float_path: Path | None, photographs: bool) -> dict[str, object]:
    network = Network(path)
    out: dict[str, object] = {
        "file": path.name,
        "mebibytes": path.stat().st_size / 2**20,
        "milliseconds_one_thread": milliseconds(network),
    }
    for corpus in ("fer2013", "lfw", "utkface"):
        data = held_out_crops(corpus)
        values = network(data["crop"])
        if corpus == "fer2013":
            out["fer2013_public"] = expression_report(values, data["human"])
        else:
            out[corpus + "_smiles"] = smile_report(values, data)
        out[corpus + "_teacher"] = teacher_report(values, data)
        if corpus == "lfw":
            out["mirror"] = mirror_report(network, data["crop"])
            out["batch_1_equals_16"] = batch_report(network, data["crop"])
        if corpus == "utkface":
            out["utkface_groups"] = fairness_report(values, data)
        if float_path is not None:
            other = Network(float_path)
            out[corpus + "_int8_against_float"] = difference_report(network, other, data["crop"])
            if corpus == "fer2013":
                guess = other(data["crop"])["expression"].argmax(1)
                out["fer2013_public_float_accuracy"] = float((guess == data["human"]).mean())
    if photographs:
        out["photographs"] = photograph_report(network)
    return out


def _rounded(value):
    if isinstance(value, dict):
        return {k: _rounded(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_rounded(v) for v in value]
    return round(value, 4) if isinstance(value, float) else value


def headline(full: dict) -> dict[str, float]:
    """The few figures that go into `pack.toml`."""
    public, lfw, utkface = (full[k] for k in ("fer2013_public", "lfw_teacher", "utkface_teacher"))
    return {
        "fer2013_public_accuracy": public["accuracy"],
        "fer2013_public_unweighted_average_recall": public["unweighted_average_recall"],
        "happy_over_neutral_auc_happiness": public["auc_happy_over_neutral"]["happiness"],
        "happy_over_neutral_auc_au12": public["auc_happy_over_neutral"]["AU12"],
        "landmark_nme_lfw": lfw["landmark_nme_interocular"],
        "landmark_nme_utkface": utkface["landmark_nme_interocular"],
        "units_mean_r_lfw": lfw["units_r_mean"],
        "units_mean_r_utkface": utkface["units_r_mean"],
        "pitch_mae_degrees_lfw": lfw["Pitch"]["mae_degrees"],
        "yaw_mae_degrees_lfw": lfw["Yaw"]["mae_degrees"],
        "gaze_yaw_r_lfw": lfw["gaze_yaw"]["r"],
        "milliseconds_one_thread": full["milliseconds_one_thread"]["best"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("onnx", type=Path)
    parser.add_argument("--float", type=Path, help="fp32 file to compare with")
    parser.add_argument("--photographs", action="store_true", help="also the test photographs")
    parser.add_argument("--teacher", action="store_true", help="also the teacher's own signal")
    parser.add_argument("--quality", type=Path, help="write the headline figures for a pack here")
    args = parser.parse_args()
    torch.set_num_threads(1)
    full = report(args.onnx, args.float, args.photographs)
    if args.teacher:
        full["teacher_auc_over_neutral"] = teacher_signal()
    full = _rounded(full)
    print(json.dumps(full, indent=1))
    if args.quality:
        data = "FER2013 public/ (human labels); a held-out tenth of LFW and UTKFace (teacher)"
        text = {
            "command": "python -m models.evaluate.behaviour FILE",
            "figures": {"data": data, **headline(full)},
        }
        args.quality.write_text(json.dumps(text, indent=1) + "\n")


if __name__ == "__main__":
    main()
