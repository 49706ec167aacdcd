"""Files of metrics (JSON), which cards, packs and learning curves are made from.

A file holds ``{"command": "...", "data": "...", "metrics": {...}}``: what made it, of which data,
and numbers in nested objects of any depth, each a number, a text, null (undefined) or, with its
confidence interval, ``{"value": 0.77, "low": 0.74, "high": 0.8}``. A *path* names a metric as a
dotted key does in TOML: ``lfw.units."AU12_L".pcc``; members of a list are numbered from 0.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

DIGITS = 5  # significant ones that a file keeps; a metric of a few thousand images has three


class MetricsError(ValueError):
    """Metrics that are missing, contradict each other, or are not of the wanted form."""


def write_metrics(path: Path, metrics: Mapping[str, Any], *, command: str, data: str) -> None:
    """Write a file of metrics; NumPy's numbers become plain, NaN becomes null."""
    content = {"command": command, "data": data, "metrics": plain(metrics)}
    path.write_text(json.dumps(content, indent=1, allow_nan=False) + "\n")


def plain(value: Any) -> Any:
    """The value in JSON's own types, numbers rounded to `DIGITS` significant digits."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None
    return value


def read_metrics(path: Path) -> dict[str, Any]:
    """A file of metrics.

    Raises
    ------
    MetricsError
        Not JSON, or without ``command`` or ``metrics``.
    """
    try:
        content = json.loads(path.read_text())
    except json.JSONDecodeError as error:
        raise MetricsError(f"{path}: not JSON: {error}") from error
    for key, kind in (("command", str), ("metrics", dict)):
        if not isinstance(content, dict) or not isinstance(content.get(key), kind):
            raise MetricsError(f'{path}: wanted {{"command": "...", "metrics": {{...}}}}: no {key}')
    return content


def merge(parts: list[dict[str, Any]], at: str = "") -> dict[str, Any]:
    """Metrics of several files as one tree.

    Raises
    ------
    MetricsError
        Two files say different things of the same metric.
    """
    merged: dict[str, Any] = {}
    for part in parts:
        for key, value in part.items():
            if key not in merged:
                merged[key] = value
            elif isinstance(value, dict) and isinstance(merged[key], dict):
                merged[key] = merge([merged[key], value], f"{at}{key}.")
            elif merged[key] != value:
                raise MetricsError(f"{at}{key}: one file has {merged[key]!r}, another {value!r}")
    return merged


def has(metrics: Any, path: str) -> bool:
    """Whether there is such a metric."""
    try:
        look_up(metrics, path)
    except MetricsError:
        return False
    return True


def look_up(metrics: Any, path: str) -> Any:
    """The metric that a path names.

    Raises
    ------
    MetricsError
        There is none; says how far the path leads and what is there.
    """
    here, walked = metrics, ""
    for key in keys(path):
        members = dict(enumerate(here)) if isinstance(here, list) else here
        step = int(key) if isinstance(here, list) and key.isdecimal() else key
        if not isinstance(members, dict) or step not in members:
            there = ", ".join(map(str, members)) if isinstance(members, dict) else repr(here)
            raise MetricsError(f"no metric {path!r}: {walked or 'the root'} has {there}")
        here, walked = members[step], f"{walked}.{key}".lstrip(".")
    return here


def keys(path: str) -> list[str]:
    """The keys of a path, quotes removed.

    Raises
    ------
    MetricsError
        Not a path.
    """
    if not re.fullmatch(r'(?:"[^"]*"|[^."]+)(?:\.(?:"[^"]*"|[^."]+))*', path):
        raise MetricsError(f"not a path of a metric: {path!r}")
    return [quoted or bare for quoted, bare in re.findall(r'"([^"]*)"|([^."]+)', path)]


def number(metric: Any) -> float | None:
    """The number of a metric, with interval or without; None for what is undefined or no number."""
    value = metric.get("value") if isinstance(metric, dict) else metric
    return float(value) if isinstance(value, int | float) else None


def formatted(metric: Any, form: str = "") -> str:
    """A metric as people read it.

    Parameters
    ----------
    form : str
        ``percent``, ``points`` (both of a share), ``degrees``, ``ms``, ``MB`` (of bytes),
        ``count``, or digits as in ``0.00``; by default three significant digits.
    """
    if isinstance(metric, dict):
        value = formatted(metric.get("value"), form)
        if metric.get("low") is None or metric.get("high") is None:
            return value
        return f"{value} [{formatted(metric['low'], form)}, {formatted(metric['high'], form)}]"
    if isinstance(metric, bool):
        return "yes" if metric else "no"
    if metric is None:
        return "-"
    return _number(metric, form) if isinstance(metric, int | float) else str(metric)


def _number(value: float, form: str) -> str:
    if re.fullmatch(r"0(\.0+)?", form):
        text = f"{value:.{max(len(form) - 2, 0)}f}"
    elif form:
        scale, digits, unit = FORMS[form] if form in FORMS else _unknown(form)
        text = f"{value * scale:,.{digits}f}{unit}"
    else:
        text = f"{value:,.0f}" if isinstance(value, int) or abs(value) >= 1000 else f"{value:.3g}"
    return text if re.search("[1-9]", text) else text.lstrip("-")  # no minus before a zero


FORMS = {
    "percent": (100, 1, " %"),
    "points": (100, 1, " points"),
    "degrees": (1, 1, "°"),
    "ms": (1, 2, " ms"),
    "MB": (1e-6, 1, " MB"),
    "count": (1, 0, ""),
}


def _unknown(form: str) -> tuple[float, int, str]:
    raise MetricsError(f"format {form!r}: wanted {', '.join(FORMS)}, or digits such as 0.00")
