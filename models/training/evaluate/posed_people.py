"""People of posed faces that no training sees, shown to an engine as clean photographs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from models.training.datasets.posed_faces.assets import Assets
from models.training.datasets.posed_faces.backdrops import Backdrops
from models.training.datasets.posed_faces.head import HeadParts
from models.training.datasets.posed_faces.scene import Scene, draw, draw_scene
from models.training.networks.behaviour import ACTION_UNITS

SEED = 7_777_777  # far from any that training draws people by
RESTING = np.zeros(len(ACTION_UNITS), np.float32)


class People:
    """Draws the same people again, at rest or as asked for."""

    def __init__(self) -> None:
        self._assets = Assets()
        self._parts, self._backdrops = HeadParts(self._assets), Backdrops()

    def person(self, number: int) -> tuple[Scene, np.ndarray]:
        """Somebody at rest, face and eyes to the camera, and what stands behind."""
        rng = np.random.default_rng((SEED, number))
        scene = draw_scene(self._assets, self._parts, rng)
        camera = replace(scene.camera, pose=(0.0, 0.0, 0.0), distance=8.0)
        hair = scene.person.hair
        person = replace(scene.person, hair=hair if hair and "short0" in hair else None)
        still = replace(scene, person=person, strengths=RESTING, others={}, gaze=(0.0, 0.0),
                        camera=camera)  # fmt: skip
        return still, self._backdrops.draw(rng)

    def show(self, scene: Scene, behind: np.ndarray) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Image (160, 160, 3) uint8 by a good camera, and labels, of a scene."""
        return draw(self._assets, self._parts, scene, behind, poor=False)
