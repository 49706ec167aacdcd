"""Methods of FaceTable that come from above: signatures, help, and a stub that says the same."""

from __future__ import annotations

import importlib.util
import inspect
import pickle
import pydoc
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

from mien import FaceTable, OptionError
from mien._table_methods import METHODS, PROPERTIES, load_function

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("table_stub", ROOT / "tools" / "table_stub.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_stub_is_up_to_date(generator):
    assert generator.STUB.read_text() == generator.table_stub(), "run: python tools/table_stub.py"


@pytest.mark.parametrize("name", METHODS)
def test_a_method_is_its_function(name, table):
    function, method = load_function(METHODS[name]), getattr(FaceTable, name)
    assert inspect.signature(method) == inspect.signature(function)
    assert method.__doc__ == function.__doc__
    assert method.__name__ == name
    assert method.__code__ is function.__code__
    bound = list(inspect.signature(getattr(table, name)).parameters)
    assert bound == list(inspect.signature(function).parameters)[1:]


@pytest.mark.parametrize("name", METHODS)
def test_a_method_names_and_documents_each_option(name):
    method = getattr(FaceTable, name)
    parameters = inspect.signature(method).parameters.values()
    unnamed = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    assert not [p.name for p in parameters if p.kind in unnamed]
    assert all(p.annotation is not p.empty for p in parameters)
    assert inspect.signature(method).return_annotation is not inspect.Signature.empty
    assert method.__doc__


@pytest.mark.parametrize("name", PROPERTIES)
def test_a_property_has_its_functions_docstring(name, table):
    assert isinstance(getattr(FaceTable, name), property)
    assert getattr(FaceTable, name).__doc__ == load_function(PROPERTIES[name]).__doc__
    with pytest.raises(AttributeError):
        setattr(table, name, "input")


def test_help_shows_every_parameter():
    text = pydoc.render_doc(FaceTable.baseline, renderer=pydoc.plaintext)
    for name in inspect.signature(load_function(METHODS["baseline"])).parameters:
        assert name in text
    assert "FaceTable.baseline" not in FaceTable.baseline.__name__
    assert "def" not in pydoc.render_doc(FaceTable, renderer=pydoc.plaintext).split("\n")[0]


def test_bound_methods_can_be_pickled(table):
    again = pickle.loads(pickle.dumps(table.plot_face))
    assert again.__func__ is FaceTable.plot_face
    pd.testing.assert_frame_equal(again.__self__, table)


@pytest.mark.parametrize("name", METHODS)
def test_unbound_methods_can_be_pickled(name):
    method = getattr(FaceTable, name)
    assert pickle.loads(pickle.dumps(method)) is method


def test_subclasses_have_the_methods(table):
    class Clip(FaceTable):
        pass

    assert Clip.events is FaceTable.events
    assert len(Clip(table).closed_eyes()) == len(table)


def test_nothing_is_loaded_before_a_method_is_looked_up():
    code = "import mien, sys; print(*sys.modules); mien.FaceTable.isc; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    before, after = (set(line.split()) for line in done.stdout.splitlines())
    assert {m for m in before if m.startswith(("mien.plot", "mien.stats", "mien.facs"))} == set()
    assert "mien.stats.intersubject" in after


class TestResample:
    def test_an_option_of_pandas_with_a_rate(self, table):
        with pytest.raises(OptionError, match="closed goes with an offset"):
            table.resample(10, closed="left")

    def test_every_option_of_pandas_is_there(self):
        pandas = set(inspect.signature(pd.DataFrame.resample).parameters) - {"axis", "kind"}
        assert pandas - {"self"} <= set(inspect.signature(FaceTable.resample).parameters)

    def test_an_option_of_mien_with_an_offset(self, table):
        with pytest.raises(OptionError, match="columns goes with a rate in Hz"):
            table.resample("1s", columns="aus")


class TestStub:
    SOURCE = "def f(table: FaceTable, a: int = 1, *, b: str | None = None) -> int:\n    'x'\n"

    def test_parameters(self, generator):
        function = generator.ast.parse(self.SOURCE).body[0]
        wanted = ["self", "a: int = 1", "*", "b: str | None = None"]
        assert generator._parameters(function) == wanted

    @pytest.mark.parametrize("bad", ["**options: int", "*rest: int", "a"])
    def test_refuses_what_says_too_little(self, generator, bad):
        function = generator.ast.parse(f"def f(table: FaceTable, {bad}) -> int: ...").body[0]
        with pytest.raises(ValueError, match=r"each of its parameters|have types"):
            generator._parameters(function)
