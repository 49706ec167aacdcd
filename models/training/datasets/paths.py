"""Folders of the training data, the upstream weights and the caches.

Three folders, each named by an environment variable with a default beside the checkout:

=================  ======================  ==============================================
variable           default                 holds
=================  ======================  ==============================================
``MIEN_DATA``      ``../shared/data``      the datasets, as archives (see ``README.md``)
``MIEN_MODEL_DIR`` ``../shared/models``    weights as their authors published them
``MIEN_CACHE``     ``~/.cache/mien``       decoded images, teacher labels, checkpoints
=================  ======================  ==============================================
"""

from __future__ import annotations

import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]


def _existing(variable: str, default: Path, what: str) -> Path:
    named = os.environ.get(variable)
    folder = Path(named).expanduser() if named else default
    if not folder.is_dir():
        origin = f"{variable}={named}" if named else f"{variable} is not set, default {default}"
        raise FileNotFoundError(f"{what}: no such folder: {folder} ({origin})")
    return folder.resolve()


def data_dir() -> Path:
    """Folder of the datasets; raises FileNotFoundError when it does not exist."""
    return _existing("MIEN_DATA", REPOSITORY.parent / "shared" / "data", "training data")


def model_dir() -> Path:
    """Folder of upstream (teacher) weights; raises FileNotFoundError when it does not exist."""
    return _existing("MIEN_MODEL_DIR", REPOSITORY.parent / "shared" / "models", "upstream weights")


def cache_dir() -> Path:
    """Folder for what can be made again; created when ``MIEN_CACHE`` is not set.

    Raises FileNotFoundError when ``MIEN_CACHE`` names a folder that does not exist.
    """
    default = Path.home() / ".cache" / "mien"
    if not os.environ.get("MIEN_CACHE"):
        default.mkdir(parents=True, exist_ok=True)
    return _existing("MIEN_CACHE", default, "cache")


def require(path: Path, what: str) -> Path:
    """``path`` if it exists, else a FileNotFoundError that says what was wanted."""
    if not path.exists():
        raise FileNotFoundError(f"{what}: no such file: {path}")
    return path
