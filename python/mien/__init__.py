"""mien: from images of faces to a table of facial behaviour.

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
        "\nThe compiled part of mien could not be loaded. Was it built? `pip install .` in the "
        "source folder builds it; a plain checkout on the path is not enough."
    )
    raise

from mien import _table_methods
from mien.engine import Engine
from mien.errors import (
    InputError,
    InputNotFoundError,
    MienError,
    OptionError,
    OutputError,
    PackError,
    ProviderError,
    ResourceError,
)
from mien.media.frames import VideoFrame, read_frames
from mien.options import EngineOptions, ReadOptions
from mien.packs import Pack, load_pack
from mien.table import FaceSeries, FaceTable

if TYPE_CHECKING:
    from mien.formats.affectiva import read_affectiva
    from mien.formats.elan import read_elan, write_elan
    from mien.formats.facereader import read_facereader
    from mien.formats.feat import read_feat
    from mien.formats.imotions import read_imotions
    from mien.formats.libreface import read_libreface
    from mien.formats.openface import read_openface
    from mien.formats.openface3 import read_openface3
    from mien.formats.pyafar import read_pyafar
    from mien.formats.tables import read_table
    from mien.preprocess.baselines import Baseline
    from mien.preprocess.hog import hog
    from mien.preprocess.one_euro import OneEuroFilter

_table_methods.attach()

# These come when first asked for: readers and writers bring Arrow's file formats, which no analysis
# needs.
_LATER = {
    "Baseline": "preprocess.baselines",
    "OneEuroFilter": "preprocess.one_euro",
    "hog": "preprocess.hog",
    "read_affectiva": "formats.affectiva",
    "read_elan": "formats.elan",
    "read_facereader": "formats.facereader",
    "read_feat": "formats.feat",
    "read_imotions": "formats.imotions",
    "read_libreface": "formats.libreface",
    "read_openface": "formats.openface",
    "read_openface3": "formats.openface3",
    "read_pyafar": "formats.pyafar",
    "read_table": "formats.tables",
    "write_elan": "formats.elan",
}

__all__ = [
    "Baseline",
    "Engine",
    "EngineOptions",
    "FaceSeries",
    "FaceTable",
    "InputError",
    "InputNotFoundError",
    "MienError",
    "OneEuroFilter",
    "OptionError",
    "OutputError",
    "Pack",
    "PackError",
    "ProviderError",
    "ReadOptions",
    "ResourceError",
    "VideoFrame",
    "__version__",
    "hog",
    "load_pack",
    "read_affectiva",
    "read_elan",
    "read_facereader",
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
