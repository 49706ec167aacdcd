"""Libraries that only some functions need."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from mien.errors import MienError

__all__ = ["MissingExtraError", "extra"]


class MissingExtraError(MienError, ImportError):
    """A library of an extra that isn't installed."""


def extra(module: str, package: str, name: str = "stats") -> ModuleType:
    """Import a module of an extra.

    Raises
    ------
    MissingExtraError
        It isn't installed; the message says what to install.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise MissingExtraError(
            f"this needs {package}, which is not installed: pip install 'mien[{name}]'"
        ) from error
