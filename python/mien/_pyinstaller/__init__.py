"""Where PyInstaller finds what a frozen program that uses mien needs (``hook-mien.py``)."""

from __future__ import annotations

from pathlib import Path

__all__ = ["get_hook_dirs"]


def get_hook_dirs() -> list[str]:
    """Folders of hooks; PyInstaller asks for them by the entry point ``pyinstaller40``."""
    return [str(Path(__file__).parent)]
