"""The linear model, shipped with mien, that gives a face's 68 landmarks for its action units."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import IO, Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from mien import schema
from mien.errors import InputError

__all__ = ["FaceModel", "face_model"]


Units = Mapping[str, float] | pd.Series | ArrayLike | str | None
"""Action units by name, in the order of the model, as a row of a table, or the name of an
expression.
"""


@dataclass(frozen=True)
class FaceModel:
    """landmarks = neutral + sum over units of intensity * movement.

    Lengths are interocular distances (between the eyes' centres) of the mean face, about 63 mm in
    an adult. The origin is in the middle between the eyes; x goes to the viewer's right, y down.

    Attributes
    ----------
    units : tuple of str
        Action units it knows; ``AU12_L`` is the subject's left.
    neutral : (68, 2) float array
        The face with all units at 0.
    movement : (units, 68, 2) float array
        Where each landmark goes when a unit goes from 0 to 1.
    provenance : dict
        How it was trained and how well it does; see ``docs/plotting.md``.

    Examples
    --------
    >>> model = face_model()
    >>> smile = model.landmarks({"AU12": 1})
    >>> bool(smile[48, 1] < model.neutral[48, 1])  # the mouth's corner goes up
    True
    """

    units: tuple[str, ...]
    neutral: NDArray[np.float64]
    movement: NDArray[np.float64]
    provenance: dict[str, Any]

    @cached_property
    def whole_units(self) -> tuple[str, ...]:
        """Names without sides, in order: ``AU01``, ``AU02`` ..."""
        return tuple(dict.fromkeys(unit.partition("_")[0] for unit in self.units))

    def landmarks(self, au: Units = None) -> NDArray[np.float64]:
        """Landmarks (68, 2) of a face that shows these units; see `values`."""
        face: NDArray[np.float64] = self.neutral + np.tensordot(self.values(au), self.movement, 1)
        return face

    def values(self, au: Units = None) -> NDArray[np.float64]:
        """Intensities (units,) in the order of the model.

        Parameters
        ----------
        au : mapping, Series, array, str or None
            Units by name; ``AU12`` is both sides, and a side named as well goes before it. Units
            not named are 0. Of a row of a table the columns of action units that the model knows
            are taken, and a unit of which a side is missing is that of the whole. An array has the
            order of `units` or of `whole_units`. A name is that of a basic expression
            (`mien.facs.BASIC`, whose probabilities of units serve as intensities) or ``neutral``.
            Intensities beyond 0 to 1 are drawn as they are: caricatures.

        Raises
        ------
        InputError
            A unit the model doesn't know, no number, a missing value, a wrong length, or an unknown
            expression.
        """
        if au is None:
            return np.zeros(len(self.units))
        if isinstance(au, str):
            au = _expression(au)
        if isinstance(au, pd.Series):
            au = self._known(au)
        if isinstance(au, Mapping):
            return self._named(au)
        return self._ordered(np.asarray(au))

    def _known(self, row: pd.Series) -> dict[str, float]:
        names = [n for n in row.index if n in self.units or n in self.whole_units]
        if not names:
            raise InputError("au: the row has no action unit that the face model knows")
        return {str(name): row[name] for name in names}

    def _named(self, au: Mapping[str, float]) -> NDArray[np.float64]:
        unknown = [str(n) for n in au if n not in self.units and n not in self.whole_units]
        if unknown:
            raise InputError(
                f"au: the face model has no {', '.join(unknown)}; "
                f"it has {', '.join(self.whole_units)}"
            )
        numbers = {name: _number(name, value) for name, value in au.items()}
        whole = [numbers.get(unit.partition("_")[0], 0.0) for unit in self.units]
        return np.array([numbers.get(u, w) for u, w in zip(self.units, whole, strict=True)])

    def _ordered(self, au: NDArray[Any]) -> NDArray[np.float64]:
        for names in (self.units, self.whole_units):
            if au.shape == (len(names),):
                return self._named(dict(zip(names, au.tolist(), strict=True)))
        raise InputError(
            f"au: wanted {len(self.units)} intensities ({len(self.whole_units)} without sides), "
            f"got shape {au.shape}"
        )


def _number(name: str, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise InputError(f"au: wanted a number for {name}, got {value!r}") from error
    if not np.isfinite(number):
        raise InputError(f"au: {name} is {number}; wanted a number (rows without a face have none)")
    return number


def _expression(name: str) -> dict[str, float]:
    from mien.facs import BASIC

    if name == "neutral":
        return {}
    if name not in BASIC:
        raise InputError(f"au: wanted one of neutral, {', '.join(BASIC)}, got {name!r}")
    return {f"AU{number:02d}": weight for number, weight in BASIC[name].items()}


def load_face_model(file: IO[bytes]) -> FaceModel:
    """A model as ``models/training/train/face_shape.py`` writes it.

    Raises
    ------
    InputError
        Another file, or arrays that don't fit together.
    """
    try:
        with np.load(file, allow_pickle=False) as archive:
            units = tuple(str(unit) for unit in archive["units"])
            neutral = archive["neutral"].astype(np.float64)
            movement = archive["movement"].astype(np.float64)
            provenance = json.loads(str(archive["provenance"]))
    except (KeyError, ValueError, OSError, EOFError) as error:
        raise InputError(f"face model: not one: {error}") from error
    wanted = (len(units), schema.LANDMARK_COUNT, 2)
    if movement.shape != wanted or neutral.shape != wanted[1:]:
        raise InputError(
            f"face model: wanted neutral {wanted[1:]} and movement {wanted}, "
            f"got {neutral.shape} and {movement.shape}"
        )
    for array in (neutral, movement):
        array.flags.writeable = False
    return FaceModel(units, neutral, movement, provenance)


@lru_cache(maxsize=1)
def face_model() -> FaceModel:
    """The model that ships with mien."""
    with files("mien.plot").joinpath("face_model.npz").open("rb") as file:
        return load_face_model(file)
