"""The house rules that can be counted, and that whoever counts them sees a breach."""

from __future__ import annotations

import ast

import pytest

from bench import structure


@pytest.fixture(scope="module")
def measured() -> tuple[dict[str, structure.Area], dict[str, list[str]]]:
    return structure.measure()


def test_no_limit_is_passed(measured):
    assert structure.passed_limits(*measured) == []


def test_everything_was_counted(measured):
    areas, circles = measured
    assert len(areas["mien"].files) > 100
    assert len(areas["cpp"].files) > 100
    assert areas["mien"].public > 500
    assert set(circles) == {"mien", "models", "bench"}


def test_a_circle_is_found():
    graph = {"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}
    assert structure.largest_circle(graph) == ["a", "b", "c"]
    assert structure.largest_circle({"a": {"b"}, "b": set()}) == []


def test_imports_count_wherever_they_stand(tmp_path):
    (tmp_path / "__init__.py").write_text("from pack import one\n")
    (tmp_path / "one.py").write_text("def late():\n    from pack.two import name\n")
    (tmp_path / "two.py").write_text(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import pack.one\n"
    )
    graph = structure.import_graph(tmp_path, "pack")
    assert graph == {"pack": {"pack.one"}, "pack.one": {"pack.two"}, "pack.two": {"pack.one"}}
    assert structure.largest_circle(graph) == ["pack.one", "pack.two"]


def test_breaches_are_named(tmp_path, monkeypatch):
    monkeypatch.setattr(structure, "ROOT", tmp_path)
    body = "".join(f"    x = {i}\n" for i in range(410))
    (tmp_path / "long.py").write_text(f"def work():\n{body}")
    area = structure.python_area(tmp_path)
    assert area.functions == [411]
    found = structure.passed_limits({"area": area}, {"area": list("abcd")})
    assert found == [
        "area: median file 411 lines",
        "long.py: 411 lines",
        "area: functions' p90 411 lines",
        "long.py: no docstring",
        "long.py:work: no docstring",
        "area: 1 functions without a return hint",
        "area: a, b, c, d",
    ]


def test_a_docstring_is_no_part_of_a_functions_length():
    function = ast.parse('def f():\n    """One.\n\n    Two.\n    """\n    return 1\n').body[0]
    assert structure._length(function) == 2
