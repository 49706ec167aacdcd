"""The same options, with the same defaults, in the core, in Python, on the command line and in
provenance.
"""

from __future__ import annotations

import dataclasses
import inspect

import numpy as np
import pytest
import typer

import mien
from mien import EngineOptions, OptionError, ReadOptions, _core
from mien.cli import app
from mien.options import core_engine_options, core_read_options

PYTHON_ONLY = {"image_side", "image_pixels"}  # images are decoded in Python
OF_STREAMS = {"detect"}  # in C++, of StreamOptions


def defaults(options: type) -> dict[str, object]:
    return {field.name: field.default for field in dataclasses.fields(options)}


def from_text(text: str) -> dict[str, str]:
    return dict(part.split("=") for part in text.split())


def command_line(command: str) -> dict[str, object]:
    """Names and defaults of the options of a command."""
    parameters = typer.main.get_command(app).commands[command].params
    return {parameter.name: parameter.default for parameter in parameters}


@pytest.mark.parametrize(
    ("ours", "core", "others"),
    [
        (EngineOptions, _core.EngineOptions, PYTHON_ONLY),
        (ReadOptions, _core.ReadOptions, OF_STREAMS),
    ],
)
def test_fields_are_those_of_the_core(ours, core, others):
    core_defaults = core().as_dict()
    assert list(core_defaults) == [name for name in defaults(ours) if name not in others]
    for name, default in defaults(ours).items():
        if default is not None and name not in others:  # else the core chooses
            assert core_defaults[name] == default


@pytest.mark.parametrize("core", [_core.EngineOptions, _core.ReadOptions])
def test_text_has_every_field(core):
    assert list(from_text(core().to_string())) == list(core().as_dict())
    assert core().to_string() in repr(core())


def test_values_arrive_in_the_core():
    given = {
        "device": "cpu",
        "threads": 3,
        "batch_size": 5,
        "detection_size": 640,
        "max_faces": 7,
        "score_threshold": 0.5,
        "detect_interval": 9,
        "decoder_threads": 2,
        "profile": True,
    }
    assert core_engine_options(EngineOptions(**given)).as_dict() == given
    window = {"every": 3, "start": 0.5, "end": 2.5, "fps": 25.0, "sar": 2.0}
    assert core_read_options(ReadOptions(**window, detect="every")).as_dict() == window
    text = from_text(core_engine_options(EngineOptions(**given)).to_string())
    assert text == {name: str(value).replace("True", "true") for name, value in given.items()}


def test_an_engine_has_them_as_keywords():
    parameters = inspect.signature(mien.Engine).parameters
    keywords = {name: parameter.default for name, parameter in parameters.items()}
    del keywords["pack"], keywords["options"]
    assert keywords == defaults(EngineOptions)


@pytest.mark.parametrize("method", ["analyze", "stream"])
def test_reading_has_them_as_keywords(method):
    parameters = inspect.signature(getattr(mien.Engine, method)).parameters
    keywords = {name: parameter.default for name, parameter in parameters.items()}
    assert keywords.items() >= defaults(ReadOptions).items()


def test_the_command_line_has_them():
    options = command_line("analyze")
    wanted = {**defaults(EngineOptions), **defaults(ReadOptions)}
    del wanted["profile"]  # of `mien bench`
    assert options.items() >= wanted.items()
    for command in ("bench", "demo"):
        shared = command_line(command)
        assert all(shared[name] == wanted[name] for name in shared if name in wanted)
    assert command_line("bench")["profile"] is False


def test_provenance_has_them(engine, portrait):
    provenance = engine.analyze(portrait).provenance
    assert set(provenance["options"]) == set(defaults(EngineOptions)) - {"profile"}
    assert set(provenance["read"]) == set(defaults(ReadOptions)) - OF_STREAMS
    assert {entry["detect"] for entry in provenance["inputs"]} == {"every"}
    assert provenance["options"] == engine.options


def test_options_as_one_object(portrait):
    options = EngineOptions(device="cpu", threads=1, max_faces=2)
    engine = mien.Engine(options=options)
    assert engine.options == mien.Engine(device="cpu", threads=1, max_faces=2).options
    assert len(engine.analyze(np.hstack([portrait, portrait]))) <= 2
    with pytest.raises(OptionError, match="wanted all options in it"):
        mien.Engine(threads=2, options=options)


@pytest.mark.parametrize("options", [{"threads": 2}, 0, ReadOptions()], ids=str)
def test_options_of_another_type(options):
    with pytest.raises(OptionError, match="options: wanted EngineOptions, got"):
        mien.Engine(options=options)


def test_they_are_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        EngineOptions().threads = 2
    with pytest.raises(dataclasses.FrozenInstanceError):
        ReadOptions().every = 2


@pytest.mark.parametrize(
    ("options", "given", "message"),
    [
        (EngineOptions, {"threads": "many"}, r"wrong type: wanted int \| None, got threads='many'"),
        (EngineOptions, {"device": None}, r"wrong type: wanted str, got device=None"),
        (EngineOptions, {"max_faces": None}, r"wrong type: wanted int, got max_faces=None"),
        (ReadOptions, {"every": None}, r"wrong type: wanted int, got every=None"),
        (EngineOptions, {"profile": "no"}, r"wrong type: wanted bool, got profile='no'"),
        (EngineOptions, {"image_side": 400.5}, r"wrong type: wanted int \| None, got image_side="),
        (EngineOptions, {"decoder_threads": 300}, r"decoder_threads: wanted 0 to 256, got 300"),
        (ReadOptions, {"start": "now"}, r"wrong type: wanted float \| None, got start='now'"),
        (ReadOptions, {"start": float("nan")}, r"start, end: wanted start before end"),
        (ReadOptions, {"detect": 3}, r"detect: wanted every or track, got 3"),
    ],
    ids=str,
)
def test_what_is_refused(options, given, message):
    with pytest.raises(OptionError, match=message):
        options(**given)


def test_bounds_and_provenance_of_a_window():
    assert ReadOptions().bounds == (-np.inf, np.inf)
    assert ReadOptions(start=1, end=2).bounds == (1.0, 2.0)
    read = ReadOptions(every=2, end=3).provenance()
    assert read == {"every": 2, "start": None, "end": 3.0, "fps": None, "sar": None}
