"""The average head of the posed faces, and a plain frontal picture of it for the teacher."""

from __future__ import annotations

from functools import lru_cache
from itertools import product

import cv2
import numpy as np

from models.training.datasets.moved_actions.raster import interpolate, rasterize
from models.training.datasets.posed_faces.assets import Assets
from models.training.datasets.posed_faces.mesh import Mesh, vertex_normals

SKIN = "skins/skins/middleage_caucasian_male/textures/middleage_lightskinned_male_diffuse.webp"
IRIS = "facshuman/eyes/materials/diffuse_brown.webp"
BROWS = "skins/proxies/eyebrows/eyebrow001/"
SIDE = 640
MIDDLE, HEIGHT = (0.0, 7.25), 3.2  # decimetres: centre and height of what the picture shows
LIGHT = np.array([0.25, 0.45, 0.86])
AMBIENT = 0.35


@lru_cache(maxsize=1)
def assets() -> Assets:
    """The archive of shapes, opened once."""
    return Assets()


def people() -> dict[str, float]:
    """Shapes of the average of six young people: three ethnicities, both sexes."""
    kinds = list(product(("african", "asian", "caucasian"), ("female", "male")))
    names = [f"macrodetails/{ethnicity}-{sex}-young" for ethnicity, sex in kinds]
    return {assets().identity(name): 1 / len(names) for name in names}


def vertices(units: dict[str, float]) -> np.ndarray:
    """The average head's vertices (19158, 3) with unit shapes, by name, at their strengths."""
    return assets().body(people() | {assets().unit(u): s for u, s in units.items()})


def skin_triangles() -> np.ndarray:
    """Triangles (T, 3) of the head's skin; helpers and the rest of the body are left out."""
    mesh = assets().base
    body = mesh.triangles[mesh.groups["body"]]
    return body[vertices({})[body][:, :, 1].min(1) > MIDDLE[1] - HEIGHT / 2]


def to_pixels(points: np.ndarray, side: int = SIDE) -> np.ndarray:
    """Vertices to pixels of the frontal picture (x right, y down), z in pixels too."""
    scale = side / HEIGHT
    centred = points - np.array([*MIDDLE, 0.0])
    return centred * (scale, -scale, scale) + np.array([side / 2, side / 2, 0.0])


def picture(points: np.ndarray) -> np.ndarray:
    """A frontal picture (640, 640, 3) uint8 RGB of the head with eyes and brows."""
    base = assets().base
    rgb = np.full((SIDE, SIDE, 3), 128.0)
    depth = np.full((SIDE, SIDE), -np.inf)
    keep = base.groups["body"]
    skin = Mesh(points, base.triangles[keep], base.corners[keep], base.coordinates, {})
    _draw(rgb, depth, skin, points, SKIN)
    eyes = assets().proxy("eyes")
    _draw(rgb, depth, eyes.mesh, eyes.fit(points), IRIS)
    brows = assets().proxy(BROWS + "eyebrow001.json")
    _draw(rgb, depth + 5, brows.mesh, brows.fit(points), BROWS + "textures/eyebrow001.webp", -20)
    return cv2.GaussianBlur(rgb.clip(0, 255), (0, 0), 0.7).astype(np.uint8)


def _draw(
    rgb: np.ndarray,
    depth: np.ndarray,
    mesh: Mesh,
    points: np.ndarray,
    texture: str,
    behind: float = 0.0,
) -> None:
    """Paint one mesh where it is nearer than what is there, or at most ``behind`` pixels behind."""
    pixels = to_pixels(points)
    index, weights = rasterize(pixels, mesh.triangles, rgb.shape[:2])
    z = interpolate(pixels[:, 2:], mesh.triangles, index, weights)[..., 0]
    image = assets().texture(texture).astype(np.float64)
    uv = interpolate(mesh.coordinates, mesh.corners, index, weights).astype(np.float32)
    x, y = uv[..., 0] * (image.shape[1] - 1), (1 - uv[..., 1]) * (image.shape[0] - 1)
    colour = cv2.remap(image, x, y, cv2.INTER_LINEAR)
    facing = interpolate(vertex_normals(points, mesh.triangles), mesh.triangles, index, weights)
    light = AMBIENT + (1 - AMBIENT) * np.maximum(facing @ LIGHT, 0)
    alpha = colour[..., 3:] / 255 * ((index >= 0) & (z >= depth + behind))[..., None]
    rgb[:] = rgb * (1 - alpha) + colour[..., :3] * light[..., None] * alpha
    np.copyto(depth, z, where=alpha[..., 0] > 0.5)
