"""People of posed faces: shapes of identity, skin, eyes, brows and hair, drawn at random."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.training.datasets.posed_faces.assets import Assets

Rng = np.random.Generator

RACES = ("african", "asian", "caucasian")
FOLDERS = ("head", "forehead", "eyebrows", "eyes", "nose", "mouth", "chin", "cheek", "ears", "neck")
LEFT_OUT = ("trans", "neck-scale", "neck-back", "eye-push", "asymm-")
ANIMATED = ("mouth-angles", "eyebrows-angle", "laugh-lines", "eye-height")  # look like units
CLOSED_LIPS = "facshuman/custom/close_lips.target"  # the base mesh's own stand apart a little
COVERING = ("bob01", "short03", "short02")  # hair that falls over an eye
HAIR_COLOURS = ((20, 16, 14), (45, 30, 22), (80, 55, 38), (130, 95, 60), (190, 160, 115),
                (120, 60, 35), (150, 150, 150), (215, 212, 205))  # fmt: skip


@dataclass(frozen=True)
class Person:
    """Somebody: strengths of identity's shapes by member, and the members of what is drawn on.

    Colours are gains of a texture's channels (3,).
    """

    shapes: dict[str, float]
    skin: str
    skin_colour: np.ndarray
    iris: str
    brows: str
    hair: str | None
    hair_colour: np.ndarray


def draw_person(assets: Assets, rng: Rng) -> Person:
    """Anybody: every age, sex and mixture of the three ethnic shapes."""
    races = rng.dirichlet((0.5,) * 3)
    male = float(np.clip(rng.normal(rng.random() > 0.5, 0.15), 0, 1))
    ages = _ages(rng)
    shapes = {
        assets.identity(f"macrodetails/{race}-{sex}-{age}"): float(r * s * a)
        for race, r in zip(RACES, races, strict=True)
        for sex, s in (("male", male), ("female", 1 - male))
        for age, a in ages.items()
        if r * s * a > 0.02
    }
    shapes |= _details(assets, rng) | {CLOSED_LIPS: 1.0}
    race = RACES[int(races.argmax())]
    skin = _skin(assets, rng, race, "male" if male > 0.5 else "female", ages["old"])
    tone = np.exp(rng.normal(-0.05, 0.12) + rng.normal(0, 0.04, 3)) * (0.95, 1.0, 1.03)
    hairs = assets.names("skins/proxies/hair", ".json")
    hairs = [h for h in hairs if rng.random() < 0.1 or not any(c in h for c in COVERING)]
    hair = hairs[int(rng.integers(len(hairs)))] if rng.random() < 0.85 else None
    brows = assets.names("skins/proxies/eyebrows/eyebrow0", ".json")
    irises = assets.names("facshuman/eyes/materials/diffuse", ".webp")
    dark = race != "caucasian" and rng.random() < 0.85
    iris = next(i for i in irises if "brown" in i) if dark else str(rng.choice(irises))
    colour = np.array(HAIR_COLOURS[int(rng.integers(3 if dark else 6))], np.float64)
    if ages["old"] > 0.4:
        colour = colour * (1 - ages["old"]) + ages["old"] * np.array(HAIR_COLOURS[6])
    return Person(shapes, skin, tone, iris, str(rng.choice(brows)), hair, colour / 255)


def _ages(rng: Rng) -> dict[str, float]:
    """Weights of the child's, the young adult's and the old shape; two of them at once."""
    age = rng.uniform(-0.7, 1)
    return {"child": max(-age, 0.0), "young": 1 - abs(age), "old": max(age, 0.0)}


def _details(assets: Assets, rng: Rng) -> dict[str, float]:
    """A dozen shapes of single features, left and right together."""
    base = assets.identity("").removesuffix(".target")
    kept = [
        m
        for folder in FOLDERS
        for m in assets.names(f"{base}{folder}/", ".target")
        if not any(word in m for word in (*LEFT_OUT, *ANIMATED)) and "/r-" not in m
    ]
    shapes = {}
    for member in rng.choice(kept, 14, replace=False).tolist():
        strength = float(np.clip(abs(rng.normal(0, 0.35)), 0, 0.8))
        shapes[member] = strength
        if "/l-" in member:
            shapes[member.replace("/l-", "/r-")] = strength
    uneven = [m for m in assets.names(f"{base}asym/asym-", ".target")]
    for member in rng.choice(uneven, 5, replace=False).tolist():
        shapes[member] = float(abs(rng.normal(0, 0.25)))
    return shapes


def _skin(assets: Assets, rng: Rng, race: str, sex: str, old: float) -> str:
    """A skin of the ethnic group, the sex and the nearest age, now and then of anybody."""
    skins = [m for m in assets.names("skins/skins", ".webp") if "special" not in m]
    age = "young" if old < 0.25 else "middleage" if old < 0.6 else "old"
    near = [m for m in skins if f"/{age}_{race}_{sex}/" in m]
    return str(rng.choice(near if near and rng.random() < 0.9 else skins))
