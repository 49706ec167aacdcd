"""Images and labels of the behaviour network, made from the datasets and the teacher's answers.

    python -m models.training.datasets.crops            # writes
    <cache>/behaviour/{images,labels}-<dataset>

Everything a label is made of is in this file: which mesh points, which blendshapes, which formula.
Images stay as they are; a crop is warped from its image when it is used, so that training sees
the same single bilinear resampling as the engine.
"""

from __future__ import annotations

import argparse
import json
import zlib

import cv2
import numpy as np

from models.training.datasets import fer2013
from models.training.datasets.paths import cache_dir, require
from models.training.datasets.teacher_mesh import (
    BLENDSHAPES,
    DATASETS,
    decode,
    label_path,
    read_members,
)
from models.training.networks.behaviour import (
    ACTION_UNITS,
    BORDER,
    EXPRESSIONS,
    MIRROR_UNITS,
    SIZE,
    TEMPLATE,
)

# Mesh points of the teacher. "Right" is the subject's right, at the viewer's left.
RIGHT_EYE = (33, 160, 158, 133, 153, 144)
LEFT_EYE = (362, 385, 387, 263, 373, 380)
RIGHT_IRIS, LEFT_IRIS = 468, 473
NOSE_TIP, MOUTH_RIGHT, MOUTH_LEFT = 1, 61, 291
JAW = (127, 234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152)
JAW_LEFT = (377, 400, 378, 379, 365, 397, 288, 361, 323, 454, 356)
BROW_RIGHT = ((70, 46), (63, 53), (105, 52), (66, 65), (107, 55))
BROW_LEFT = ((336, 285), (296, 295), (334, 282), (293, 283), (300, 276))
NOSE_BRIDGE = (168, 6, 197, 195, 5, 4)
NOSE_BASE = (98, 97, 2, 326, 327)
LIPS_OUTER = (61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181)
LIPS_INNER = (78, 81, 13, 311, 308, 402, 14, 178)

# Action unit -> blendshapes, averaged. {} is filled with Left and Right (the subject's) for units
# with sides. Units made of mesh geometry instead are in `geometry_units`.
UNIT_BLENDSHAPES = {
    "AU01": ("browInnerUp",),  # inner brow raiser
    "AU02": ("browOuterUp{}",),  # outer brow raiser
    "AU04": ("browDown{}",),  # brow lowerer
    "AU05": ("eyeWide{}",),  # upper lid raiser
    "AU07": ("eyeSquint{}",),  # lid tightener
    "AU10": ("mouthUpperUp{}",),  # upper lip raiser
    "AU12": ("mouthSmile{}",),  # lip corner puller
    "AU14": ("mouthDimple{}",),  # dimpler
    "AU15": ("mouthFrown{}",),  # lip corner depressor
    "AU16": ("mouthLowerDown{}",),  # lower lip depressor
    "AU17": ("mouthShrugLower",),  # chin raiser
    "AU18": ("mouthPucker",),  # lip pucker
    "AU20": ("mouthStretch{}",),  # lip stretcher
    "AU22": ("mouthFunnel",),  # lip funneler
    "AU23": ("mouthPressLeft", "mouthPressRight"),  # lip tightener
    "AU24": ("mouthPress{}",),  # lip pressor
    "AU26": ("jawOpen",),  # jaw drop
    "AU28": ("mouthRollLower", "mouthRollUpper"),  # lip suck
    "AU43": ("eyeBlink{}",),  # eyes closed
}
# Units of which the teacher shows nothing at all.
UNSEEN = ("AU09",)
# How much of a unit's label comes from the expression's relations (`losses.relations`): much where
# the teacher is blind or weak, a little where it sees well and people see better.
EVIDENCE = {
    "AU01": 0.5,
    "AU04": 0.6,
    "AU06": 0.25,
    "AU09": 1.0,
    "AU10": 0.2,
    "AU12": 0.1,
    "AU15": 0.65,
    "AU17": 0.5,
    "AU20": 0.3,
    "AU23": 0.5,
    "AU24": 0.4,
    "AU26": 0.15,
}
# A unit of which less than this comes from expressions still says what the teacher sees.
SEEN = 0.25
# Intensity 0 and 1 of a unit are these percentiles of its raw signal over the datasets.
RESTING, STRONGEST = 5, 99

# Eye width over the distance from the eyeball's centre to the iris plane, about 30 mm / 10.5 mm.
EYE_LEVER = 30 / 10.5
# A person's 48-pixel image says little about where the iris is.
GAZE_TRUST = {"fer2013": 0.2}


def _resample(points: np.ndarray, count: int) -> np.ndarray:
    """Spread `count` points evenly by length along polylines (N, P, 2)."""
    steps = np.linalg.norm(np.diff(points, axis=1), axis=2)
    along = np.concatenate([np.zeros((len(points), 1)), np.cumsum(steps, 1)], 1)
    along /= along[:, -1:]
    wanted = np.linspace(0, 1, count)
    return np.stack(
        [
            [np.interp(wanted, a, p[:, k]) for k in range(2)]
            for a, p in zip(along, points, strict=False)
        ]
    ).transpose(0, 2, 1)


def landmarks_68(mesh: np.ndarray) -> np.ndarray:
    """The 68 iBUG points, (N, 68, 2), of meshes (N, 478, 2 or more)."""
    flat = mesh[:, :, :2].astype(np.float64)
    parts = [
        _resample(flat[:, JAW], 9),
        _resample(flat[:, (JAW[-1], *JAW_LEFT)], 9)[:, 1:],
        flat[:, BROW_RIGHT].mean(2),
        flat[:, BROW_LEFT].mean(2),
        _resample(flat[:, NOSE_BRIDGE], 4),
        flat[:, NOSE_BASE],
        flat[:, RIGHT_EYE],
        flat[:, LEFT_EYE],
        flat[:, LIPS_OUTER],
        flat[:, LIPS_INNER],
    ]
    return np.concatenate(parts, 1).astype(np.float32)


def five_points(mesh: np.ndarray) -> np.ndarray:
    """Eye centres, nose tip and mouth corners, (N, 5, 2), viewer's left first."""
    flat = mesh[:, :, :2]
    eyes = [flat[:, RIGHT_EYE].mean(1), flat[:, LEFT_EYE].mean(1)]
    rest = [flat[:, i] for i in (NOSE_TIP, MOUTH_RIGHT, MOUTH_LEFT)]
    return np.stack(eyes + rest, 1).astype(np.float32)


def rotations(matrices: np.ndarray) -> np.ndarray:
    """Rotation parts (N, 3, 3) of the teacher's matrices: camera x right, y up, z to the viewer."""
    upper = matrices[:, :3, :3].astype(np.float64)
    return (upper / np.linalg.norm(upper, axis=1, keepdims=True)).astype(np.float32)


def pose_angles(rotation: np.ndarray) -> np.ndarray:
    """Pitch, Roll, Yaw (N, 3) in radians of rotations R = Rz(Roll) Ry(-Yaw) Rx(-Pitch).

    Positive Pitch looks up, positive Yaw and Roll go to the subject's right. Roll is outermost, so
    that turning the image changes Roll and nothing else.
    """
    roll = np.arctan2(rotation[:, 1, 0], rotation[:, 0, 0])
    yaw = np.arctan2(rotation[:, 2, 0], np.hypot(rotation[:, 0, 0], rotation[:, 1, 0]))
    pitch = -np.arctan2(rotation[:, 2, 1], rotation[:, 2, 2])
    return np.stack([pitch, roll, yaw], 1).astype(np.float32)


def gaze_angles(direction: np.ndarray) -> np.ndarray:
    """gaze_pitch, gaze_yaw (N, 2) in radians of directions (N, 3): up and subject's right."""
    pitch = np.arcsin(np.clip(direction[:, 1], -1, 1))
    return np.stack([pitch, np.arctan2(-direction[:, 0], direction[:, 2])], 1).astype(np.float32)


def turn_in_plane(vectors: np.ndarray, angle: np.ndarray) -> np.ndarray:
    """Turn (N, 3) camera vectors by (N,) radians about the viewing axis, y up, counter-clockwise."""
    c, s = np.cos(angle), np.sin(angle)
    x, y = vectors[:, 0], vectors[:, 1]
    return np.stack([c * x - s * y, s * x + c * y, vectors[:, 2]], 1)


def head_frame(mesh: np.ndarray, rotation: np.ndarray) -> np.ndarray:
    """Mesh (N, 478, 3) turned upright and frontal: x to the viewer's right, y up, z outward."""
    upright = mesh * np.array([1, -1, -1], np.float32)
    return (upright - upright.mean(1, keepdims=True)) @ rotation


def eye_in_head(head: np.ndarray) -> np.ndarray:
    """Sines of the eyes' turn right (viewer's) and up, (N, 2), mean of both eyes.

    The iris centre lies on a lever from the eyeball's centre, which sits behind the middle of the
    two eye corners: sine = offset / eye width * EYE_LEVER. The height at rest is not zero and is
    taken out later as the datasets's median.
    """
    sines = []
    for iris, a, b in ((RIGHT_IRIS, 33, 133), (LEFT_IRIS, 362, 263)):
        corners = head[:, [a, b], :2]
        width = np.linalg.norm(corners[:, 0] - corners[:, 1], axis=1, keepdims=True)
        sines.append((head[:, iris, :2] - corners.mean(1)) / width * EYE_LEVER)
    return np.mean(sines, 0)


def gaze_direction(sines: np.ndarray, rotation: np.ndarray) -> np.ndarray:
    """Unit vectors (N, 3) in the camera's frame: the eyes' turn carried along by the head's."""
    flat = np.clip(sines, -0.7, 0.7)
    depth = np.sqrt(np.maximum(1 - (flat**2).sum(1), 0.02))
    inside = np.concatenate([flat, depth[:, None]], 1)
    inside /= np.linalg.norm(inside, axis=1, keepdims=True)
    return np.einsum("nij,nj->ni", rotation, inside).astype(np.float32)


def geometry_units(head: np.ndarray) -> dict[str, np.ndarray]:
    """Units the blendshapes are blind to, from the upright mesh, in interocular distances.

    AU06 (cheek raiser): how high the lower lid's middle stands over the line of the eye corners.
    AU25 (lips part): gap between the inner lips' middles.
    """
    eyes = head[:, RIGHT_EYE].mean(1) - head[:, LEFT_EYE].mean(1)
    unit = np.linalg.norm(eyes, axis=1)
    lid = {"R": (145, 33, 133), "L": (374, 362, 263)}
    out = {
        f"AU06_{side}": (head[:, low, 1] - (head[:, a, 1] + head[:, b, 1]) / 2) / unit
        for side, (low, a, b) in lid.items()
    }
    out["AU25"] = np.linalg.norm(head[:, 13] - head[:, 14], axis=1) / unit
    return out


def raw_units(shapes: np.ndarray, head: np.ndarray) -> np.ndarray:
    """Uncalibrated signals (N, U) in the order of ACTION_UNITS."""
    geometry = geometry_units(head)
    columns = []
    for unit in ACTION_UNITS:
        if unit in geometry:
            columns.append(geometry[unit])
            continue
        base, _, side = unit.partition("_")
        if base in UNSEEN:
            columns.append(np.zeros(len(shapes), np.float32))
            continue
        names = [n.format({"L": "Left", "R": "Right"}.get(side)) for n in UNIT_BLENDSHAPES[base]]
        columns.append(shapes[:, [BLENDSHAPES.index(n) for n in names]].mean(1))
    return np.stack(columns, 1).astype(np.float32)


def similarity(points: np.ndarray, template: np.ndarray) -> np.ndarray:
    """Least-squares similarity (2, 3) that carries `points` to `template` (Umeyama 1991)."""
    mean_p, mean_t = points.mean(0), template.mean(0)
    p, t = points - mean_p, template - mean_t
    norm = (p**2).sum()
    a = (p * t).sum() / norm
    b = (p[:, 0] * t[:, 1] - p[:, 1] * t[:, 0]).sum() / norm
    linear = np.array([[a, -b], [b, a]])
    return np.concatenate([linear, (mean_t - linear @ mean_p)[:, None]], 1)


def crop(image: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The engine's crop of an image: (112, 112, 3) uint8 and the (2, 3) transform that made it."""
    matrix = similarity(points.astype(np.float64), np.array(TEMPLATE))
    size = (SIZE, SIZE)
    grey = (BORDER,) * 3
    flags = cv2.INTER_LINEAR
    return cv2.warpAffine(image, matrix, size, flags=flags, borderValue=grey), matrix


# Pleasure and arousal of emotion words, mean ratings of Russell & Mehrabian (1977), "Evidence for a
# three-factor theory of emotions", J. Research in Personality 11, 273-294; neutral is the origin.
CIRCUMPLEX = {
    "anger": (-0.51, 0.59),
    "disgust": (-0.60, 0.35),
    "fear": (-0.64, 0.60),
    "happiness": (0.81, 0.51),
    "sadness": (-0.63, -0.27),
    "surprise": (0.40, 0.67),
    "neutral": (0.0, 0.0),
}
# Units that show how strongly a face is expressive, whichever expression it is.
EXPRESSIVE = (
    "AU01",
    "AU02",
    "AU04",
    "AU05",
    "AU10",
    "AU12",
    "AU15",
    "AU16",
    "AU20",
    "AU25",
    "AU26",
)


def affect(probabilities: np.ndarray, units: np.ndarray) -> np.ndarray:
    """Valence and arousal (N, 2) made of expression probabilities (N, 7) and units (N, U).

    No dataset here carries ratings. The expected circumplex coordinate is scaled by 0.5 for a face
    at rest up to 1 where the three strongest expressive units reach full intensity.
    """
    coordinates = np.array([CIRCUMPLEX[e] for e in EXPRESSIONS], np.float32)
    columns = [i for i, u in enumerate(ACTION_UNITS) if u.partition("_")[0] in EXPRESSIVE]
    strength = np.sort(units[:, columns], 1)[:, -3:].mean(1, keepdims=True)
    return (probabilities @ coordinates) * (0.5 + 0.5 * strength)


def evidence_share() -> np.ndarray:
    """`EVIDENCE` in the order of ACTION_UNITS, (U,)."""
    return np.array([EVIDENCE.get(u.partition("_")[0], 0.0) for u in ACTION_UNITS], np.float32)


def reliably_supervised() -> np.ndarray:
    """(U,) bool: units that are (nearly) the teacher's, to be measured against it."""
    return evidence_share() < SEEN


def held_out(dataset: str, name: str) -> bool:
    """Never trained on: FER2013's public/, a tenth of the others by hash of the name."""
    if dataset == "fer2013":
        return name.startswith(fer2013.HELD_OUT + "/")
    return zlib.crc32(name.encode()) % 10 == 0


def _paths(dataset: str):
    folder = cache_dir() / "behaviour"
    return folder / f"images-{dataset}.npy", folder / f"labels-{dataset}.npz"


def build() -> None:
    """Write images and labels of all datasets to the cache."""
    answers = {c: dict(np.load(require(label_path(c), "teacher labels"))) for c in DATASETS}
    heads, raws = {}, {}
    for dataset, answer in answers.items():
        # Where no face was found any face stands in; `found` keeps it out of every loss.
        missing = ~answer["found"]
        some = int(np.argmax(answer["found"]))
        for key in ("points", "shapes", "matrices"):
            answer[key][missing] = answer[key][some]
        heads[dataset] = head_frame(answer["points"], rotations(answer["matrices"]))
        raws[dataset] = raw_units(answer["shapes"], heads[dataset])
    # Each dataset counts the same, whatever its size; held-out images count too (scale only).
    scales = np.mean(
        [
            np.percentile(raws[c][answers[c]["found"]], (RESTING, STRONGEST), axis=0)
            for c in DATASETS
        ],
        0,
    )
    scales = (scales + scales[:, MIRROR_UNITS]) / 2  # both sides on one scale
    colour = np.concatenate(
        [eye_in_head(heads[c])[answers[c]["found"]] for c in DATASETS if c != "fer2013"]
    )
    rest_height = float(np.median(colour[:, 1]))
    for dataset, answer in answers.items():
        found, names = answer["found"], answer["names"].tolist()
        mesh, rotation = answer["points"], rotations(answer["matrices"])
        archive, _ = read_members(dataset)
        images = [decode(archive.read(n)) for n in names]
        if dataset == "fer2013":
            images = [p[:, :, 0] for p in images]
        stack = np.stack(images)
        five = five_points(mesh)
        five[~found] = np.median(five[found], 0)
        sines = eye_in_head(heads[dataset]) - (0, rest_height)
        low, high = scales
        expression = np.full(len(names), fer2013.UNLABELLED)
        drop = np.zeros(len(names), bool)
        if dataset == "fer2013":
            expression = np.array([fer2013.expression_of(n, EXPRESSIONS) for n in names])
            drop = fer2013.leaked(names, stack)
        image_path, labels_path = _paths(dataset)
        np.save(image_path, stack)
        np.savez(
            labels_path,
            names=answer["names"],
            found=found,
            held_out=np.array([held_out(dataset, n) for n in names]),
            drop=drop,
            five=five,
            landmarks=landmarks_68(mesh),
            rotation=rotation,
            gaze=gaze_direction(sines, rotation),
            units=np.clip((raws[dataset] - low) / np.maximum(high - low, 1e-9), 0, 1).astype("f4"),
            expression=expression.astype(np.int64),
        )
        print(f"{dataset}: {len(names)} images, {found.sum()} with a face, {drop.sum()} leaked")
    record = {
        "rest_height": rest_height,
        "units": {u: [float(a), float(b)] for u, a, b in zip(ACTION_UNITS, *scales, strict=True)},
    }
    (cache_dir() / "behaviour" / "calibration.json").write_text(json.dumps(record, indent=1))


def load(dataset: str) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Images (memory-mapped) and labels that `build` wrote."""
    images, labels = _paths(dataset)
    with np.load(
        require(labels, "labels; run python -m models.training.datasets.crops")
    ) as archive:
        return np.load(images, mmap_mode="r"), dict(archive)


def main() -> None:
    argparse.ArgumentParser(description=__doc__).parse_args()
    build()


if __name__ == "__main__":
    main()
