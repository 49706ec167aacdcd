"""The parts that posed faces are made of, read from ``facs3d.zip``.

The archive holds MakeHuman's base mesh and targets of identity, FACSHuman's targets of action
units (Gilbert et al. 2021), skins, eyes, teeth, tongue, lashes, brows and hair. A target is a
sparse displacement of the base mesh's vertices; several add up::

    assets = Assets()
    body = assets.body({assets.unit("L12"): 0.6, assets.identity("nose/nose-hump-incr"): 0.4})
    eyes = assets.proxy("eyes").fit(body)
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from functools import cached_property, lru_cache
from pathlib import Path

import cv2
import numpy as np

from models.training.datasets.paths import data_dir, require
from models.training.datasets.posed_faces.mesh import Mesh, Proxy
from models.training.datasets.posed_faces.mesh_files import (
    read_json,
    read_mhclo,
    read_obj,
    read_target,
)

BASE = "makehuman/makehuman/data/3dobjs/base.obj"
UNITS = "facshuman/FACSHuman/"
IDENTITY = "makehuman/makehuman/data/targets/"
# Parts of FACSHuman with .obj, .mhclo and texture under one stem.
PARTS = {
    "eyes": "facshuman/eyes/eyes_no_cornea/eyes_no_cornea",
    "teeth": "facshuman/teeth/FACSTeeth01a/FACSTeeth01a",
    "tongue": "facshuman/tongue/FACSTongue/FACSTongue",
    "lashes": "facshuman/eyelashes/FACSEyeLashes01/FACSEyeLashes01",
}


class Assets:
    """Reads what is asked for from the archive, once.

    Parameters
    ----------
    path : Path, optional
        The archive; by default ``facs3d/facs3d.zip`` of the data folder.

    Raises
    ------
    FileNotFoundError
        There is no such archive.
    """

    def __init__(self, path: Path | None = None) -> None:
        path = path or data_dir() / "facs3d" / "facs3d.zip"
        self._archive = zipfile.ZipFile(require(path, "posed faces"))
        self.members = tuple(self._archive.namelist())
        self._text = lru_cache(maxsize=64)(self._read_text)
        self.target = lru_cache(maxsize=None)(self._target)
        self.proxy = lru_cache(maxsize=None)(self._proxy)
        self.texture = lru_cache(maxsize=None)(self._texture)

    @cached_property
    def base(self) -> Mesh:
        """The base mesh: the body (group ``body``) and helpers that parts are fitted to."""
        return read_obj(self._text(BASE))

    @cached_property
    def units(self) -> dict[str, str]:
        """Name of an action unit's shape (``4``, ``L12``, ``22_25_upper``) to its member."""
        shapes = [m for m in self.members if m.startswith(UNITS) and m.endswith(".target")]
        return {Path(m).stem: m for m in shapes}

    def unit(self, name: str) -> str:
        """The member of an action unit's shape; KeyError where there is none of that name."""
        return self.units[name]

    @staticmethod
    def identity(name: str) -> str:
        """The member of a shape of identity, named by folder and stem."""
        return f"{IDENTITY}{name}.target"

    def body(self, shapes: Mapping[str, float]) -> np.ndarray:
        """Base vertices (19158, 3) moved by members' displacements times their strengths."""
        vertices = self.base.vertices.copy()
        for member, strength in shapes.items():
            if strength:
                indices, moves = self.target(member)
                vertices[indices] += strength * moves
        return vertices

    def names(self, folder: str, suffix: str) -> list[str]:
        """Members under a folder that end in ``suffix``, in order of their names."""
        return sorted(m for m in self.members if m.startswith(folder) and m.endswith(suffix))

    def _read_text(self, member: str) -> str:
        return self._archive.read(member).decode()

    def _target(self, member: str) -> tuple[np.ndarray, np.ndarray]:
        return read_target(self._archive.read(member).decode())

    def _proxy(self, name: str) -> Proxy:
        """One of `PARTS` by its name, or a .json member (hair, brows)."""
        if name.endswith(".json"):
            return read_json(self._read_text(name))
        stem = PARTS[name]
        return read_mhclo(self._read_text(stem + ".mhclo"), read_obj(self._read_text(stem + ".obj")))

    def _texture(self, member: str) -> np.ndarray:
        """A texture (H, W, 4) uint8, RGBA; opaque where the file has no alpha."""
        data = np.frombuffer(self._archive.read(member), np.uint8)
        image = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
        if image is None:
            raise ValueError(f"{member}: not an image OpenCV can decode")
        if image.ndim == 2:
            image = cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)
        code = cv2.COLOR_BGR2RGBA if image.shape[2] == 3 else cv2.COLOR_BGRA2RGBA
        return cv2.cvtColor(image, code)
