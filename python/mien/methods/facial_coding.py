"""Facial coding as methods of `mien.FaceTable`; see `mien.facs`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    from pandas import DataFrame as _Table
else:
    _Table = object

__all__ = ["FacialCoding"]


class FacialCoding(_Table):
    """Events, blinks, asymmetry, compound expressions, emoji, circumplex. Each returns a plain
    pandas object.
    """

    def events(self, columns: Sequence[str] | None = None, **options: Any) -> pd.DataFrame:
        """Stretches in which units are active: onset, apex, offset; see `mien.facs.events`."""
        from mien.facs import events

        return events(self, columns, **options)

    def eye_aspect_ratio(self) -> pd.DataFrame:
        """Height of each eye over its width; see `mien.facs.eye_aspect_ratio`."""
        from mien.facs import eye_aspect_ratio

        return eye_aspect_ratio(self)

    def closed_eyes(self, threshold: float = 0.2) -> pd.DataFrame:
        """Whether each eye is closed; see `mien.facs.closed_eyes`."""
        from mien.facs import closed_eyes

        return closed_eyes(self, threshold)

    def blinks(self, eyes: Sequence[str] = ("left", "right"), **options: Any) -> pd.DataFrame:
        """Blinks of each eye with their phases; see `mien.facs.blinks`."""
        from mien.facs import blinks

        return blinks(self, eyes, **options)

    def blink_rate(
        self, eyes: Sequence[str] = ("left", "right", "both"), **options: Any
    ) -> pd.DataFrame:
        """Blinks per minute; see `mien.facs.blink_rate`."""
        from mien.facs import blink_rate

        return blink_rate(self, eyes, **options)

    def asymmetry(self, floor: float = 0.0) -> pd.DataFrame:
        """Left against right, -1 to 1, of units with sides; see `mien.facs.asymmetry`."""
        from mien.facs import asymmetry

        return asymmetry(self, floor)

    def compound_expressions(self, *, valence: bool = True) -> pd.DataFrame:
        """Scores of 15 compound expressions; see `mien.facs.compound_expressions`."""
        from mien.facs import compound_expressions

        return compound_expressions(self, valence=valence)

    def consistency(self, expression: str | None = None, threshold: float = 0.5) -> pd.DataFrame:
        """How well action units fit the expression of each row; see `mien.facs.consistency`."""
        from mien.facs import consistency

        return consistency(self, expression, threshold)

    def emoji(self, method: str = "kappa", **options: Any) -> pd.DataFrame:
        """The emoji each row agrees with most; see `mien.facs.emoji`."""
        from mien.facs import emoji

        return emoji(self, method, **options)

    def quadrants(self, neutral: float = 0.0) -> pd.Series:
        """Quadrant of valence and arousal; see `mien.facs.quadrants`."""
        from mien.facs import quadrants

        return quadrants(self, neutral)

    def circumplex(self, **options: Any) -> pd.DataFrame:
        """Circular statistics of valence and arousal, and time in each quadrant; see
        `mien.facs.circumplex`.
        """
        from mien.facs import circumplex

        return circumplex(self, **options)
