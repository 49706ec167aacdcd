"""Write python/mien/_attached.pyi: what editors and type checkers know of FaceTable's methods.

The signatures are read from the source of the functions that `mien._table_methods` names.
"""

from __future__ import annotations

import ast
import builtins
import textwrap
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from mien._table_methods import METHODS, PROPERTIES

SOURCE = Path(__file__).resolve().parents[1] / "python"
STUB = SOURCE / "mien" / "_attached.pyi"
WIDTH = 100
FINAL = ("resample",)  # in pandas' stubs alone
HEAD = """\
# fmt: off
# Written by tools/table_stub.py from the functions that `mien._table_methods` names.
"""

Function = ast.FunctionDef


class Imports:
    """Names that the stub needs, and the modules that they come from."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[str, str | None]] = {}

    def add(self, name: str, module: str, original: str | None) -> None:
        """Import `original` of a module (or the module itself, for None) as `name`.

        Raises
        ------
        ValueError
            Two modules have different things by that name; one of them needs another name.
        """
        known = self._found.setdefault(name, (module, original))
        if known != (module, original):
            raise ValueError(f"{name}: both {known} and {(module, original)}")

    def lines(self) -> Iterator[str]:
        """Import statements, sorted as ruff does."""
        groups: dict[int, list[tuple[bool, str, str]]] = {}
        from_modules: dict[str, list[str]] = {}
        for name, (module, original) in self._found.items():
            if original is None:
                line = f"import {module}" + ("" if module == name else f" as {name}")
                groups.setdefault(_section(module), []).append((True, module, line))
            else:
                renamed = original if original == name else f"{original} as {name}"
                from_modules.setdefault(module, []).append(renamed)
        for module, names in from_modules.items():
            line = f"from {module} import {', '.join(sorted(names, key=_isort_key))}"
            groups.setdefault(_section(module), []).append((False, module, line))
        for number in sorted(groups):
            yield from (line for _, _, line in sorted(groups[number], key=lambda e: (not e[0], e)))
            yield ""


def _isort_key(name: str) -> tuple[int, str]:
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[0].isupper() else 2
    return kind, name


def _section(module: str) -> int:
    top = module.split(".")[0]
    return 2 if top == "mien" else 1 if top in ("matplotlib", "numpy", "pandas") else 0


@cache
def _parsed(module: str) -> ast.Module:
    return ast.parse((SOURCE / module.replace(".", "/")).with_suffix(".py").read_text())


def _origins(module: str) -> dict[str, tuple[str, str | None]]:
    """Where the global names of a module come from."""
    found: dict[str, tuple[str, str | None]] = {}
    for node in ast.walk(_parsed(module)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module != "__future__":
            for alias in node.names:
                found[alias.asname or alias.name] = (node.module, alias.name)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                found[alias.asname or alias.name] = (alias.name, None)
    for node in _parsed(module).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            found[node.name] = (module, node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {t.id: (module, t.id) for t in targets if isinstance(t, ast.Name)}
    return found


def _definitions(target: str) -> tuple[str, list[Function]]:
    """Module of a function, and the function, its overloads ahead of it."""
    module, _, name = target.partition(":")
    found = [
        node
        for node in _parsed(module).body
        if isinstance(node, ast.FunctionDef) and node.name == name
    ]
    if not found:
        raise ValueError(f"{target}: no such function")
    return module, found


def _parameters(function: Function) -> list[str]:
    """Parameters as text, the table being `self`; defaults that aren't constants are ``...``."""
    args = function.args
    if args.vararg or args.kwarg:
        raise ValueError(f"{function.name}: a method names each of its parameters")
    listed = args.posonlyargs + args.args
    defaults: list[ast.expr | None] = [None] * (len(listed) - len(args.defaults)) + args.defaults
    pairs = list(zip(listed, defaults, strict=True))[1:]
    texts = ["self", *(_one(arg, default) for arg, default in pairs)]
    if args.kwonlyargs:
        named = zip(args.kwonlyargs, args.kw_defaults, strict=True)
        texts += ["*", *(_one(arg, default) for arg, default in named)]
    return texts


def _one(arg: ast.arg, default: ast.expr | None) -> str:
    if arg.annotation is None:
        raise ValueError(f"{arg.arg}: a method's parameters have types")
    text = f"{arg.arg}: {_text(arg.annotation)}"
    if default is None:
        return text
    try:
        ast.literal_eval(default)
    except ValueError:
        return f"{text} = ..."
    return f"{text} = {_text(default)}"


def _text(node: ast.expr) -> str:
    """Source of an expression, strings in double quotes."""
    return ast.unparse(node).replace("'", '"')


def _declaration(name: str, texts: list[str], returns: str) -> list[str]:
    """A declaration in lines of at most `WIDTH` characters."""
    end = f") -> {returns}:"
    one = f"    def {name}({', '.join(texts)}{end}"
    if len(one) <= WIDTH:
        return [one]
    lines = [""]
    for text in texts:
        if lines[-1] and len(lines[-1]) + len(text) > WIDTH - 8 - 3:
            lines.append("")
        lines[-1] += f" {text}," if lines[-1] else f"{text},"
    return [f"    def {name}(", *(f"        {line}" for line in lines), f"    {end}"]


def _summary(function: Function, target: str) -> str:
    text = ast.get_docstring(function) or ""
    if not text:
        raise ValueError(f"{target}: a method has a docstring")
    return " ".join(text.split("\n\n")[0].split())


def _member(name: str, target: str, imports: Imports, *, is_property: bool) -> Iterator[str]:
    module, (*overloads, implementation) = _definitions(target)
    origins = _origins(module)
    for function in overloads or [implementation]:
        if function.returns is None:
            raise ValueError(f"{target}: a method says what it returns")
        texts = _parameters(function)
        needed = [a.annotation for a in (*function.args.args[1:], *function.args.kwonlyargs)]
        for node in (n for part in (*needed, function.returns) if part for n in ast.walk(part)):
            if isinstance(node, ast.Name) and not hasattr(builtins, node.id):
                imports.add(node.id, *origins[node.id])
        if is_property:
            yield "    @property"
        if overloads:
            imports.add("overload", "typing", "overload")
            final = function is overloads[0] and name in FINAL
            yield "    @overload" + ("  # type: ignore[misc, override]" if final else "")
        yield from _declaration(name, texts, _text(function.returns))
        yield from _docstring(_summary(implementation, target), target)
        yield ""


def _docstring(summary: str, target: str) -> list[str]:
    """The summary, and where the rest is said if that fits on the line."""
    text = f'        """{summary} See `{target.replace(":", ".")}`."""'
    if len(text) <= WIDTH:
        return [text]
    short = f'"""{summary}"""'
    return textwrap.wrap(short, WIDTH, initial_indent=" " * 8, subsequent_indent=" " * 8)


def table_stub() -> str:
    """Text of the stub."""
    imports = Imports()
    imports.add("pd", "pandas", None)
    body: list[str] = []
    for name, target in sorted({**METHODS, **PROPERTIES}.items()):
        body += _member(name, target, imports, is_property=name in PROPERTIES)
    lines = [HEAD, *imports.lines(), "class AttachedMethods(pd.DataFrame):"]
    return "\n".join([*lines, *body[:-1], ""])


if __name__ == "__main__":
    STUB.write_text(table_stub())
