"""Errors mien raises: each message says what went wrong, where, what was wanted and what was got.

The core raises the C++ classes of the same names; the bindings turn them into these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "InputError",
    "InputNotFoundError",
    "MienError",
    "OptionError",
    "OutputError",
    "PackError",
    "ProviderError",
    "ResourceError",
]


class MienError(Exception):
    """Base of all errors that mien raises itself."""


class InputError(MienError, ValueError):
    """A file, stream, array or table that can't be used.

    Attributes
    ----------
    partial : mien.FaceTable or None
        Rows that were finished before the error, where `mien.Engine.analyze` raised it half way.
    """

    partial: pd.DataFrame | None = None


class InputNotFoundError(InputError, FileNotFoundError):
    """A file or folder that isn't there; ``except FileNotFoundError`` catches it too."""


class OptionError(MienError, ValueError):
    """An option outside its range, or options that contradict each other."""


class PackError(MienError):
    """A pack or model file that is missing, altered, or lacks what the engine needs to run it."""


class ProviderError(MienError, RuntimeError):
    """An execution provider, device or inference library that was asked for and can't be had."""


class ResourceError(MienError, RuntimeError):
    """Something that the system refuses for want of it: a thread."""


class OutputError(MienError, OSError):
    """A result that can't be written: folder missing or read-only, disk full, name taken."""
