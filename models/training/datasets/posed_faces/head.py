"""Layers of a posed head: skin, eyes, teeth, tongue, lashes, brows and hair as drawn triangles."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np

from models.training.datasets.posed_faces.assets import PARTS, Assets
from models.training.datasets.posed_faces.camera import Camera
from models.training.datasets.posed_faces.mesh import Mesh
from models.training.datasets.posed_faces.person import Person
from models.training.datasets.posed_faces.rasterizer import nearest, rasterize

LOWEST, WIDEST = 5.2, 2.0  # decimetres: the base mesh's triangles above and inside are drawn
VIEWS = (-1.0, -0.5, 0.0, 0.5, 1.0)  # yaws, in radians, to find what is never seen from outside
GAINS = {n: np.full(3, g) for n, g in (("eyes", 0.8), ("teeth", 0.85), ("tongue", 0.8), ("lashes", 1))}
MOUTH = ((-0.4, 0.4), (6.2, 6.95), (0.4, 1.7))  # the base mesh's mouth lies in this box


@dataclass(frozen=True)
class Layer:
    """Triangles with a texture, to be drawn.

    Attributes
    ----------
    vertices : ndarray (V, 3)
    triangles, corners, coordinates : ndarray
        As in `Mesh`.
    texture : ndarray (H, W, 4) uint8
    colour : ndarray (3,)
        Gains of the texture's channels.
    shine : float
        Strength of the highlight.
    opaque : bool
        Whether alpha is left aside.
    dark : ndarray (V,)
        Light that reaches a vertex, 0 to 1, before any lamp.
    cover : float
        Gain of alpha: hair is many layers deep, of which one is drawn.
    """

    vertices: np.ndarray
    triangles: np.ndarray
    corners: np.ndarray
    coordinates: np.ndarray
    texture: np.ndarray
    colour: np.ndarray
    shine: float
    opaque: bool
    dark: np.ndarray
    cover: float = 1.4


class HeadParts:
    """Makes the layers of a person's posed body.

    Parameters
    ----------
    assets : Assets
    """

    def __init__(self, assets: Assets) -> None:
        self.assets = assets
        base = assets.base
        eyes = base.groups["helper-l-eye"] | base.groups["helper-r-eye"]
        self.eye_vertices = np.unique(base.triangles[eyes])
        left = base.vertices[self.eye_vertices, 0] > 0
        self.left_eye, self.right_eye = self.eye_vertices[left], self.eye_vertices[~left]

    @cached_property
    def skin(self) -> tuple[np.ndarray, np.ndarray]:
        """Triangles and corners of the base mesh's head and neck."""
        base = self.assets.base
        high = (base.vertices[base.triangles, 1] > LOWEST).all(1)
        near = (np.abs(base.vertices[base.triangles, 0]) < WIDEST).all(1)
        kept = base.groups["body"] & high & near
        return base.triangles[kept], base.corners[kept]

    @cached_property
    def inside_mouth(self) -> np.ndarray:
        """Base vertices (V,) bool of the mouth's inside: in its place, and seen from nowhere."""
        vertices, size = self.assets.base.vertices, 400
        triangles, _ = self.skin
        seen = np.zeros(len(vertices), bool)
        for yaw in VIEWS:
            camera = Camera((0.0, 0.0, yaw), 15.0, 150.0, size)
            points, depths = camera.project(camera.place(vertices, np.array([0.0, 6.7, 1.0])))
            fragments = rasterize(points, depths, triangles, size, True)
            seen[triangles[fragments.triangles[nearest(fragments)]]] = True
        box = [(vertices[:, k] > low) & (vertices[:, k] < high) for k, (low, high) in enumerate(MOUTH)]
        return ~seen & np.logical_and.reduce(box)

    def eye_centres(self, body: np.ndarray) -> np.ndarray:
        """Middles of the eyeballs (2, 3), the subject's left first."""
        return np.stack([_middle(body[rows]) for rows in (self.left_eye, self.right_eye)])

    def layers(self, person: Person, body: np.ndarray, gaze: tuple[float, float]) -> list[Layer]:
        """Layers of a body, the eyes turned by ``gaze``: radians up and to the subject's right."""
        assets = self.assets
        triangles, corners = self.skin
        used = np.unique(triangles)
        renumbered = np.zeros(len(body), np.int64)
        renumbered[used] = np.arange(len(used))
        vertices = body[used]
        middle = self.eye_centres(body).mean(0)
        shadow = np.where(self.inside_mouth, 0.25, 1.0)[used]
        base, skin = assets.base, assets.texture(person.skin)
        colour = person.skin_colour
        out = [Layer(vertices, renumbered[triangles], corners, base.coordinates, skin, colour,
                     0.12, True, shadow)]  # fmt: skip
        for name, shine in (("eyes", 0.5), ("teeth", 0.2), ("tongue", 0.2), ("lashes", 0.0)):
            proxy = assets.proxy(name)
            placed = proxy.fit(body)
            if name == "eyes":
                placed = self._turn(placed, body, gaze)
            member = person.iris if name == "eyes" else PARTS[name] + ".webp"
            dark = _mouth_shadow(placed, middle) if name in ("teeth", "tongue") else None
            part = _part(proxy.mesh, placed, assets.texture(member), GAINS[name], shine,
                         name != "lashes", dark)  # fmt: skip
            out.append(replace(part, cover=0.4) if name == "lashes" else part)
        for member in (person.brows, person.hair):
            if member is not None:
                proxy = assets.proxy(member)
                texture = grey_texture(assets, member)
                out.append(_part(proxy.mesh, proxy.fit(body), texture, person.hair_colour, 0.1,
                                 False, None))  # fmt: skip
        return out

    def _turn(
        self, placed: np.ndarray, body: np.ndarray, gaze: tuple[float, float]
    ) -> np.ndarray:
        """Vertices of both eyeballs turned about their middles."""
        up, right = gaze
        c, s = np.cos(up), np.sin(up)
        pitch = np.array([[1, 0, 0], [0, c, s], [0, -s, c]])
        c, s = np.cos(right), np.sin(right)
        yaw = np.array([[c, 0, -s], [0, 1, 0], [s, 0, c]])
        placed = placed.copy()
        left, right_eye = self.eye_centres(body)
        is_left = placed[:, 0] > (left[0] + right_eye[0]) / 2
        for rows, centre in ((is_left, left), (~is_left, right_eye)):
            placed[rows] = (placed[rows] - centre) @ (yaw @ pitch).T + centre
        return placed


@lru_cache(maxsize=64)
def grey_texture(assets: Assets, member: str) -> np.ndarray:
    """Texture of brows or hair with its own colour taken out, so that any may be given to it."""
    folder = member.rpartition("/")[0]
    texture = assets.texture(assets.names(folder + "/textures", ".webp")[0]).copy()
    grey = texture[..., :3].astype(np.float32).mean(2)
    seen = texture[..., 3] > 64
    level = grey[seen].mean() if seen.any() else 128.0
    texture[..., :3] = np.clip(grey * (200 / max(level, 1.0)), 0, 255)[..., None]
    return texture


def _part(
    mesh: Mesh, placed: np.ndarray, texture: np.ndarray, colour: np.ndarray, shine: float,
    opaque: bool, dark: np.ndarray | None,
) -> Layer:  # fmt: skip
    """A layer of a whole mesh."""
    dark = np.ones(len(placed)) if dark is None else dark
    return Layer(placed, mesh.triangles, mesh.corners, mesh.coordinates, texture, colour, shine,
                 opaque, dark)  # fmt: skip


def _middle(points: np.ndarray) -> np.ndarray:
    return (points.min(0) + points.max(0)) / 2


def _mouth_shadow(vertices: np.ndarray, eyes: np.ndarray) -> np.ndarray:
    """Light (V,) that is left inside of the mouth: less, the farther behind the lips."""
    x, y, z = (vertices - eyes).T
    inside = (np.abs(x) < 0.32) & (y < -0.35) & (y > -1.25)
    front = inside & (np.abs(x) < 0.1)
    lips = z[front].max(initial=0.0)
    depth = np.clip((lips - 0.2 - z) / 0.35, 0, 1)
    return np.where(inside, 1 - 0.8 * depth, 1.0)

