"""The core's engine together with the pack and the options that it was made of."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from mien import _core
from mien._engine.runtime_library import use_runtime_library
from mien.options import EngineOptions, ReadOptions, core_engine_options
from mien.packs import Pack, load_pack
from mien.table import Provenance

__all__ = ["LoadedEngine"]


class LoadedEngine:
    """An engine whose networks are loaded.

    Parameters
    ----------
    pack : str, Path or Pack
        See `mien.Engine`.
    given : EngineOptions

    Attributes
    ----------
    core : _core.Engine
    pack : Pack
        With the files for the device that runs them.
    columns : list of str
        Names of the core's columns, in order.
    """

    def __init__(self, pack: str | Path | Pack, given: EngineOptions) -> None:
        self.given = given
        use_runtime_library()
        provider = _core.choose_provider(given.device)
        self.pack = pack.on(provider) if isinstance(pack, Pack) else load_pack(pack, provider)
        self.core = _core.Engine(
            self.pack.detector, self.pack.behaviour, core_engine_options(given)
        )
        self.columns = list(self.core.columns)

    @property
    def options(self) -> dict[str, Any]:
        """The options that may change a row or its cost, with every default resolved."""
        resolved = self.core.options.as_dict()  # of a copy of the core's struct
        del resolved["profile"]
        return {
            **resolved,
            "image_side": self.given.image_side,
            "image_pixels": self.given.image_pixels,
        }

    def detection_sizes(self, images: bool) -> list[int]:
        """Longer sides in network pixels of what faces are looked for in: of images or of video."""
        return list(self.core.detection_sides(images))

    def provenance(self, read: ReadOptions) -> Provenance:
        """What a table made now says of itself, its inputs left empty."""
        return {
            "mien": _core.__version__,
            "created": datetime.now(timezone.utc).isoformat(timespec="seconds"),
            "pack": {
                "name": self.pack.name,
                "version": self.pack.version,
                "license": self.pack.license,
                "sha256": dict(self.pack.sha256),
            },
            "provider": self.core.provider,
            "options": self.options,
            "read": read.provenance(),
            "inputs": [],
        }
