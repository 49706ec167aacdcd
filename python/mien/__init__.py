"""mien: from pictures of faces to a table of facial behaviour.

>>> import mien
>>> table = mien.Engine().analyze("clip.mp4")  # doctest: +SKIP
>>> table.emotions.mean()  # doctest: +SKIP
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

try:
    from mien._core import __version__
except ImportError as error:
    error.msg += (
        "\nThe compiled part of mien could not be loaded. Was it built? `pip install .` in the source folder builds it; "
        "a plain checkout on the path is not enough."
    )
    raise

from mien.engine import Engine
from mien.errors import (
    InputError,
    MienError,
    OptionError,
    OutputError,
    PackError,
    ProviderError,
)
from mien.io.frames import VideoFrame, read_frames
from mien.packs import Pack, load_pack
from mien.table import FaceSeries, FaceTable

if TYPE_CHECKING:
    from mien.io.affectiva import read_affectiva
    from mien.io.elan import read_elan, write_elan
    from mien.io.feat import read_feat
    from mien.io.imotions import read_imotions
    from mien.io.libreface import read_libreface
    from mien.io.openface import read_openface
    from mien.io.openface3 import read_openface3
    from mien.io.pyafar import read_pyafar
    from mien.io.tables import read_table
    from mien.preprocess.baselines import Baseline
    from mien.preprocess.euro import OneEuroFilter
    from mien.preprocess.gradients import hog

# These come when first asked for: readers and writers bring Arrow's file formats, which no analysis needs.
_LATER = {
    "Baseline": "preprocess.baselines",
    "OneEuroFilter": "preprocess.euro",
    "hog": "preprocess.gradients",
    "read_affectiva": "io.affectiva",
    "read_elan": "io.elan",
    "read_feat": "io.feat",
    "read_imotions": "io.imotions",
    "read_libreface": "io.libreface",
    "read_openface": "io.openface",
    "read_openface3": "io.openface3",
    "read_pyafar": "io.pyafar",
    "read_table": "io.tables",
    "write_elan": "io.elan",
}

__all__ = [
    "Baseline",
    "Engine",
    "FaceSeries",
    "FaceTable",
    "InputError",
    "MienError",
    "OneEuroFilter",
    "OptionError",
    "OutputError",
    "Pack",
    "PackError",
    "ProviderError",
    "VideoFrame",
    "__version__",
    "hog",
    "load_pack",
    "read_affectiva",
    "read_elan",
    "read_feat",
    "read_frames",
    "read_imotions",
    "read_libreface",
    "read_openface",
    "read_openface3",
    "read_pyafar",
    "read_table",
    "write_elan",
]


def __dir__() -> list[str]:
    return __all__


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(importlib.import_module(f"mien.{_LATER[name]}"), name)
    globals()[name] = found
    return found
