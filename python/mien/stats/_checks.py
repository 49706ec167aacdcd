"""Checks of the options that several tests share."""

from __future__ import annotations

from typing import Literal

from mien.errors import OptionError
from mien.stats.corrections import check_correction

__all__: list[str] = []


Alternative = Literal["two-sided", "less", "greater"]


def check_test(alternative: str, confidence: float, correction: object) -> None:
    """Refuse options of a t-test that are out of range."""
    if alternative not in ("two-sided", "less", "greater"):
        raise OptionError(
            f"alternative: wanted 'two-sided', 'less' or 'greater', got {alternative!r}"
        )
    check_confidence(confidence)
    check_correction(correction)


def check_confidence(confidence: float) -> None:
    """Refuse a coverage that is not between 0 and 1."""
    if not 0 < confidence < 1:
        raise OptionError(f"confidence: wanted between 0 and 1, got {confidence!r}")
