"""The examples in docstrings that need no files of the reader's run as they stand."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import mien

MODULES = [
    module.name
    for module in pkgutil.walk_packages(mien.__path__, "mien.")
    if not module.name.endswith(("_core", "__main__", "hook-mien"))  # PyInstaller runs it
]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    module = importlib.import_module(name)
    assert doctest.testmod(module, extraglobs={"mien": mien}).failed == 0


def test_there_are_examples():
    finder = doctest.DocTestFinder()
    modules = [importlib.import_module(name) for name in MODULES]
    assert sum(len(test.examples) for m in modules for test in finder.find(m)) > 10
