"""What the built library has against the exploitation of faults: read from its file."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mien import _core

elffile = pytest.importorskip("elftools.elf.elffile", reason="pip install pyelftools")

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="ELF is Linux's format")


@pytest.fixture(scope="module")
def library():
    with Path(_core.__file__).open("rb") as file:
        yield elffile.ELFFile(file)


def test_relocations_are_read_only_once_it_is_loaded(library):
    assert "PT_GNU_RELRO" in {segment["p_type"] for segment in library.iter_segments()}
    tags = {
        tag.entry.d_tag: tag.entry.d_val
        for tag in library.get_section_by_name(".dynamic").iter_tags()
    }
    now = "DT_BIND_NOW" in tags or tags.get("DT_FLAGS", 0) & 0x8 or tags.get("DT_FLAGS_1", 0) & 0x1
    assert now, tags


def test_its_stack_holds_no_code(library):
    (stack,) = (s for s in library.iter_segments() if s["p_type"] == "PT_GNU_STACK")
    assert stack["p_flags"] & 1 == 0


def test_functions_check_their_stack_and_sizes(library):
    names = {symbol.name for symbol in library.get_section_by_name(".dynsym").iter_symbols()}
    assert "__stack_chk_fail" in names
    assert {name for name in names if name.endswith("_chk")}, "no fortified function"


def test_no_segment_is_writable_and_executable(library):
    flags = [s["p_flags"] for s in library.iter_segments() if s["p_type"] == "PT_LOAD"]
    assert all(flag & 3 != 3 for flag in flags)
