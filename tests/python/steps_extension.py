"""The extension `mien_steps`: what tests of single steps use, and where it comes from."""

from __future__ import annotations

import importlib
import os
from types import ModuleType

import pytest


def require_steps() -> ModuleType:
    """The extension; skips the test or the module where it isn't built, unless
    MIEN_REQUIRE_STEPS=1.
    """
    try:
        return importlib.import_module("mien_steps")
    except ModuleNotFoundError:
        if os.environ.get("MIEN_REQUIRE_STEPS") == "1":
            raise
    pytest.skip(
        "no extension mien_steps: wheels leave it out; build the preset dev and set "
        "PYTHONPATH=build/dev/python",
        allow_module_level=True,
    )
