"""Geometry of the teacher's 478-point mesh: landmarks, rotation, gaze and some action units."""

from __future__ import annotations

import numpy as np

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
# Eye width over the distance from the eyeball's centre to the iris plane, about 30 mm / 10.5 mm.
EYE_LEVER = 30 / 10.5


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


def head_frame(mesh: np.ndarray, rotation: np.ndarray) -> np.ndarray:
    """Mesh (N, 478, 3) turned upright and frontal: x to the viewer's right, y up, z outward."""
    upright = mesh * np.array([1, -1, -1], np.float32)
    return (upright - upright.mean(1, keepdims=True)) @ rotation


def eye_in_head(head: np.ndarray) -> np.ndarray:
    """Sines of the eyes' turn right (viewer's) and up, (N, 2), mean of both eyes.

    The iris centre lies on a lever from the eyeball's centre, which sits behind the middle of the
    two eye corners: sine = offset / eye width * EYE_LEVER. The height at rest is not zero and is
    taken out later as the datasets' median.
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
