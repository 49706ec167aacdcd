"""Packs: folders with two networks and a ``pack.toml`` that names, versions and hashes them."""

from __future__ import annotations

import hashlib
import importlib
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mien.errors import PackError

# The standard library's reader, or the package it came from.
tomllib = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")

__all__ = ["Pack", "available_packs", "load_pack"]


FORMAT = 1
ROLES = ("localization", "behaviour")  # format 1 names the detector by its task
# Forms of a network that a pack may hold besides its own files, by the device that runs them
# faster.
_FORMS = {"cuda": "fp16", "tensorrt": "fp16"}
_SHIPPED = Path(__file__).parent / "packs"


@dataclass(frozen=True)
class Pack:
    """A pack, and those of its files that a device runs, checked.

    Attributes
    ----------
    name, version, license : str
        As the pack says.
    path : Path
        Its folder.
    device : str
        What its files are for: ``cpu``, ``cuda`` or ``tensorrt``.
    detector, behaviour : Path
        The networks (ONNX).
    sha256 : dict of str to str
        Hash of each of these files, by role.
    details : dict
        All of ``pack.toml``: where the networks come from, measured quality.
    """

    name: str
    version: str
    license: str
    path: Path
    device: str
    detector: Path
    behaviour: Path
    sha256: dict[str, str]
    details: dict[str, Any] = field(repr=False)

    def on(self, device: str) -> Pack:
        """The same pack with its files for another device.

        Parameters
        ----------
        device : {"cpu", "cuda", "tensorrt"}

        Returns
        -------
        Pack

        Raises
        ------
        PackError
            As `load_pack`.
        """
        same = _FORMS.get(device) == _FORMS.get(self.device)
        return self if same else load_pack(self.path, device)


def load_pack(name_or_path: str | Path = "default", device: str = "cpu") -> Pack:
    """Find a pack and check its files for a device against their hashes.

    A pack may hold a network in a second form, fp16, for ``cuda`` and ``tensorrt``; without it the
    only file serves every device. Files for other devices are not read.

    Parameters
    ----------
    name_or_path : str or Path
        Name of a pack that ships with mien or lies in the folder that the environment variable
        ``MIEN_MODEL_DIR`` names, or the path of a pack's folder.
    device : {"cpu", "cuda", "tensorrt"}
        What will run the networks.

    Returns
    -------
    Pack

    Raises
    ------
    PackError
        No such pack; a file of it missing or altered; ``pack.toml`` incomplete.

    Examples
    --------
    >>> load_pack("default").name
    'default'
    """
    folder = _find(name_or_path)
    toml = folder / "pack.toml"
    details = _read_toml(toml)
    number = _entry(details, "format", int, toml)
    if number != FORMAT:
        raise PackError(f"{toml}: format: wanted {FORMAT}, got {number}")
    files: dict[str, Path] = {}
    hashes: dict[str, str] = {}
    for role in ROLES:
        where, section = role, _entry(details, role, dict, toml)
        form = _FORMS.get(device, "")
        if form in section:
            where, section = f"{role}.{form}", _entry(section, form, dict, toml, role)
        files[role] = _file(folder, _entry(section, "file", str, toml, where), toml)
        hashes[role] = _entry(section, "sha256", str, toml, where).lower()
        _check_hash(files[role], hashes[role], toml)
    return Pack(
        name=_entry(details, "name", str, toml),
        version=_entry(details, "version", str, toml),
        license=_entry(details, "license", str, toml),
        path=folder,
        device=device,
        detector=files["localization"],
        behaviour=files["behaviour"],
        sha256=hashes,
        details=details,
    )


def available_packs() -> dict[str, Path]:
    """Packs that can be named. What ships wins over ``MIEN_MODEL_DIR``.

    Returns
    -------
    dict of str to Path
        Name of the folder to its path.
    """
    found: dict[str, Path] = {}
    for place in _places():
        if place.is_dir():
            for folder in sorted(place.iterdir()):
                if (folder / "pack.toml").is_file():
                    found.setdefault(folder.name, folder)
    return found


def _places() -> list[Path]:
    chosen = os.environ.get("MIEN_MODEL_DIR")
    return [_SHIPPED, *([Path(chosen)] if chosen else [])]


def _find(name_or_path: str | Path) -> Path:
    text = os.fspath(name_or_path)
    if isinstance(name_or_path, str) and not {os.sep, os.altsep} & set(text):
        known = available_packs()
        if text in known:
            return known[text]
    folder = Path(text)
    if _ask(folder, lambda: (folder / "pack.toml").is_file()):
        return folder
    if _ask(folder, folder.is_dir):
        raise PackError(f"{folder}: a folder without pack.toml; wanted a pack")
    names = ", ".join(available_packs()) or "none"
    places = ", ".join(str(place) for place in _places())
    raise PackError(f"no pack {text!r}: wanted a folder or one of: {names} (looked in {places})")


def _ask(path: Path, question: Callable[[], bool]) -> bool:
    """An answer of the file system's; a name that it can't have is an error of the pack's."""
    try:
        return question()
    except (OSError, ValueError) as error:  # too long, or with a zero character
        text = str(path)
        shown = text if len(text) <= 300 else f"{text[:100]}...{text[-100:]}"
        cause = getattr(error, "strerror", None) or str(error)
        raise PackError(f"{shown}: can't be read: {cause}; wanted a pack") from error


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        details: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise PackError(f"{path}: can't be read: {error}") from error
    return details


def _entry(table: dict[str, Any], key: str, kind: type, path: Path, section: str = "") -> Any:
    where = f"{path}: {section + '.' if section else ''}{key}"
    if key not in table:
        raise PackError(f"{where}: missing")
    if not isinstance(table[key], kind):
        raise PackError(f"{where}: wanted {kind.__name__}, got {table[key]!r}")
    return table[key]


def _file(folder: Path, name: str, toml: Path) -> Path:
    if Path(name).name != name:
        raise PackError(f"{toml}: file: wanted a name in the pack's own folder, got {name!r}")
    path = folder / name
    if not _ask(path, path.is_file):
        raise PackError(f"{path}: missing, although {toml.name} names it")
    return path


def _check_hash(path: Path, wanted: str, toml: Path) -> None:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    except OSError as error:
        raise PackError(f"{path}: can't be read: {error}") from error
    if digest.hexdigest() != wanted:
        raise PackError(
            f"{path}: altered or damaged: sha256 wanted {wanted} (from {toml.name}), "
            f"got {digest.hexdigest()}"
        )
