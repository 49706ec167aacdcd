"""One posed face: a person, an action, a gaze, a camera and a light, and its exact labels."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from models.training.datasets.camera_effects import degrade
from models.training.datasets.posed_faces import actions
from models.training.datasets.posed_faces.assets import Assets
from models.training.datasets.posed_faces.camera import Camera
from models.training.datasets.posed_faces.head import HeadParts
from models.training.datasets.posed_faces.landmarks import (
    PARTED,
    VERTICES,
    five_points,
    lip_gap,
)
from models.training.datasets.posed_faces.person import Person, draw_person
from models.training.datasets.posed_faces.renderer import Light, draw_light, render
from models.training.networks.behaviour import ACTION_UNITS

Rng = np.random.Generator

SIZE = 160  # side of an image
DRAWN = 200  # side at which it is drawn, to be made smaller
EYES_APART = 42.0  # pixels of the image, face to the camera: a crop's are 35
LIPS_PART = ACTION_UNITS.index("AU25")
LIDS = {s: ACTION_UNITS.index(f"AU43_{s}") for s in "LR"}
EXPOSED = (60, 175)  # mean level of a face
BRIGHTEST = 4.0  # times what the light gives
POOR = 0.35  # share of images by poor cameras
LID_FOLLOWS = 0.45  # share of the lid's way that it goes down with eyes that look 45 degrees down


@dataclass(frozen=True)
class Scene:
    """All that an image is made of.

    Attributes
    ----------
    person : Person
    strengths : ndarray (U,)
        Of the columns `ACTION_UNITS`, as posed.
    others : dict
        Strengths of shapes that no column names.
    gaze : tuple of float
        The eyes' turn in the head, radians up and to the subject's right.
    camera : Camera
    light : Light
    alternative : int
        Which of a unit's shapes is taken.
    seed : int
        Of the camera's faults, which two scenes may share.
    """

    person: Person
    strengths: np.ndarray
    others: dict[str, float]
    gaze: tuple[float, float]
    camera: Camera
    light: Light
    alternative: int
    seed: int


def draw_scene(assets: Assets, parts: HeadParts, rng: Rng) -> Scene:
    """Draw all of it at random."""
    person = draw_person(assets, rng)
    still = rng.random() < 0.5
    others = {}
    if rng.random() < 0.2:
        name = str(rng.choice(actions.OTHERS))
        others[assets.unit(name)] = float(rng.uniform(0.2, 0.9))
    pose = rng.normal(0, (0.16, 0.1, 0.3)) * (0.4 if still else 1)
    pose = tuple(np.clip(pose, -0.85, 0.85).tolist())
    gaze = rng.normal(0, (0.16, 0.26)) if rng.random() < 0.75 else np.zeros(2)
    gaze = tuple(np.clip(gaze, (-0.5, -0.65), (0.45, 0.65)).tolist())
    eyes = parts.eye_centres(assets.body(person.shapes))
    scale = EYES_APART * DRAWN / SIZE / np.linalg.norm(eyes[0] - eyes[1])
    camera = Camera(pose, float(np.exp(rng.uniform(np.log(4.0), np.log(20.0)))), scale, DRAWN)
    return Scene(person, actions.draw_units(rng), others, gaze, camera, draw_light(rng),
                 int(rng.integers(2)), int(rng.integers(2**31)))  # fmt: skip


def change_one(scene: Scene, rng: Rng) -> Scene:
    """The same scene with one unit at another strength: raised from rest, or taken away."""
    strengths = scene.strengths.copy()
    free = [u for u in actions.SHAPES if not _excluded(strengths, u)]
    unit = str(rng.choice(free))
    if any(strengths[i] > 0 for i, c in enumerate(ACTION_UNITS) if c[:4] == unit):
        actions.set_unit(strengths, unit, 0.0, 0.0)
    else:
        actions.set_unit(strengths, unit, *actions.draw_sides(rng))
    return replace(scene, strengths=strengths)


def _excluded(strengths: np.ndarray, unit: str) -> bool:
    moving = {c[:4] for c, s in zip(ACTION_UNITS, strengths, strict=True) if s > 0}
    return any(unit in group and moving & (group - {unit}) for group in actions.EXCLUSIVE)


def draw(
    assets: Assets, parts: HeadParts, scene: Scene, background: np.ndarray, poor: bool = True
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Image (160, 160, 3) uint8 of a scene, and its labels.

    Labels are those of `crops`: ``five`` (5, 2) and ``landmarks`` (68, 2) in pixels, ``rotation``
    (3, 3), ``gaze`` (3,) and ``units`` (U,). Where not ``poor``, the camera has no faults.
    """
    resting = assets.body(scene.person.shapes)
    body = actions.pose(assets, resting, _with_lids(scene), scene.alternative)
    for member, strength in scene.others.items():
        indices, moves = assets.target(member)
        body[indices] += strength * moves
    eyes = parts.eye_centres(resting)
    apart = np.linalg.norm(eyes[0] - eyes[1])
    middle = eyes.mean(0) + np.array([0, -0.55, 0.3]) * apart
    layers = parts.layers(scene.person, body, scene.gaze)
    placed = [scene.camera.place(layer.vertices, middle) for layer in layers]
    behind = cv2.resize(background, (DRAWN, DRAWN), interpolation=cv2.INTER_AREA)
    drawn = render(layers, placed, scene.camera, scene.light, behind)
    points, _ = scene.camera.project(scene.camera.place(body[VERTICES], middle))
    points = (points + 0.5) * SIZE / DRAWN - 0.5
    image = _photograph(drawn, points, np.random.default_rng(scene.seed), poor)
    units = scene.strengths.copy()
    opened = (lip_gap(body) - lip_gap(resting)) / PARTED
    units[LIPS_PART] = np.clip(opened, 0, 1)  # whatever parts them
    return image, {
        "five": five_points(points).astype(np.float32),
        "landmarks": points.astype(np.float32),
        "rotation": scene.camera.rotation.astype(np.float32),
        "gaze": (scene.camera.mesh_rotation @ direction(scene.gaze)).astype(np.float32),
        "units": units.astype(np.float32),
    }


def _photograph(drawn: np.ndarray, points: np.ndarray, rng: Rng, poor: bool) -> np.ndarray:
    """A camera's image (160, 160, 3) uint8: exposed for the face, and at times a poor one."""
    small = cv2.resize(drawn, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
    low, high = (np.clip(f(points, 0), 0, SIZE - 1).astype(int) for f in (np.min, np.max))
    level = small[low[1] : high[1] + 1, low[0] : high[0] + 1].mean()
    small *= min(rng.uniform(*EXPOSED) / max(level, 1.0), BRIGHTEST)
    image = np.clip(small, 0, 255).astype(np.uint8)
    return degrade(rng, image) if poor and rng.random() < POOR else image


def direction(gaze: tuple[float, float]) -> np.ndarray:
    """Unit vector (3,) in the mesh's frame of eyes turned up and to the subject's right."""
    up, right = gaze
    return np.array([-np.sin(right) * np.cos(up), np.sin(up), np.cos(right) * np.cos(up)])


def _with_lids(scene: Scene) -> np.ndarray:
    """Strengths with the upper lids following eyes that look down, which closes nothing."""
    strengths = scene.strengths.copy()
    down = max(-scene.gaze[0], 0.0) / (np.pi / 4)
    for index in LIDS.values():
        strengths[index] = max(strengths[index], LID_FOLLOWS * down)
    return strengths
