"""Tables of a model card.

A table of metrics has a ``heading``, and may have ``text`` ahead of it and a ``note`` behind it. It
is one of three:

- **rows and columns**: ``rows`` is the path of an object or list whose members are the rows, or a
  list of rows; ``columns`` a list. A row or column is ``{title, key, metric, format}``, or just its
  title. The metric of a cell is the column's path, else the row's, with ``{row}`` and ``{column}``
  replaced by their keys (by default their titles). ``row_title`` heads the first column. A cell
  whose metric isn't there stays empty, but a column without any is an error;
- **confusion**: the path of ``{"labels": [...], "counts": [[...]]}``, rows being the truth;
- **image**: a file beside the card.
"""

from __future__ import annotations

from typing import Any

from models.training.evaluate.metrics import MetricsError, formatted, has, look_up, number

Cells = list[list[str]]


def markdown_table(header: list[str], rows: Cells) -> str:
    """A table in Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(_cell(c) for c in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", r"\|")


def metric_table(table: dict[str, Any], metrics: dict[str, Any]) -> list[str]:
    """A table of metrics (a block), or an image, or both."""
    blocks = []
    if "confusion" in table:
        blocks.append(_confusion(look_up(metrics, table["confusion"]), table["confusion"]))
    if "columns" in table:
        blocks.append(_rows_and_columns(table, metrics))
    if "image" in table:
        blocks.append(f"![{table['heading']}]({table['image']})")
    if not blocks:
        raise MetricsError(f"table {table['heading']!r}: wanted columns, confusion or image")
    return blocks


def _confusion(found: Any, path: str) -> str:
    if not isinstance(found, dict) or not {"labels", "counts"} <= set(found):
        raise MetricsError(f"{path}: a confusion table wants labels and counts")
    labels, counts = found["labels"], found["counts"]
    if len(counts) != len(labels) or any(len(row) != len(labels) for row in counts):
        raise MetricsError(f"{path}: {len(labels)} labels don't fit the counts")
    rows = []
    for label, row, right in zip(labels, counts, range(len(labels)), strict=True):
        recall = row[right] / sum(row) if sum(row) else None
        rows.append([label, *(formatted(n) for n in row), formatted(recall, "percent")])
    return markdown_table(["truth \\ network", *labels, "recall"], rows)


def _rows_and_columns(table: dict[str, Any], metrics: dict[str, Any]) -> str:
    rows = [_entry(row) for row in _row_list(table, metrics)]
    columns = [_entry(column) for column in table["columns"]]
    lines = [[row["title"]] for row in rows]
    for column in columns:
        paths = [_path(row, column, table["heading"]) for row in rows]
        if not any(has(metrics, path) for path in paths):
            look_up(metrics, paths[0])  # says what is missing
        for line, row, path in zip(lines, rows, paths, strict=True):
            form = column.get("format", row.get("format", ""))
            line.append(formatted(look_up(metrics, path), form) if has(metrics, path) else "")
    return markdown_table([table.get("row_title", ""), *(c["title"] for c in columns)], lines)


def _row_list(table: dict[str, Any], metrics: dict[str, Any]) -> list[Any]:
    rows = table["rows"]
    if isinstance(rows, str):
        found = look_up(metrics, rows)
        rows = list(found) if isinstance(found, dict) else [str(i) for i in range(len(found))]
    if not rows:
        raise MetricsError(f"table {table['heading']!r} has no rows")
    return list(rows)


def _entry(entry: str | dict[str, Any]) -> dict[str, Any]:
    entry = {"title": entry} if isinstance(entry, str) else entry
    return {"key": entry["title"], **entry}


def _path(row: dict[str, Any], column: dict[str, Any], heading: str) -> str:
    path = column.get("metric", row.get("metric"))
    if path is None:
        raise MetricsError(
            f"table {heading!r}: neither {row['title']} nor {column['title']} has a metric"
        )
    for name, entry in (("{row}", row), ("{column}", column)):
        path = path.replace(name, '"' + entry["key"] + '"')
    return str(path)


def requirements(wanted: list[dict[str, Any]], metrics: dict[str, Any]) -> list[dict[str, Any]]:
    """What each requirement asks for, and what was measured.

    ``reached`` is ``aim``, ``at least``, ``no``, or ``not measured``.
    """
    rows = []
    for want in wanted:
        row: dict[str, Any] = {"what": want["what"], "format": want.get("format", "")}
        for key in ("metric", "float", "teacher"):
            row[key] = look_up(metrics, want[key]) if key in want else None
        for key in ("at_least", "aim"):
            row[key] = _bound(want, key, row["teacher"])
        row["reached"] = _reached(row, lower=want.get("better", "higher") == "lower")
        rows.append(row)
    return rows


def _bound(want: dict[str, Any], key: str, teacher: Any) -> float | None:
    if (over := want.get(f"{key}_over_teacher")) is None:
        return want.get(key)
    if (theirs := number(teacher)) is None:
        raise MetricsError(f"{want['what']}: {key}_over_teacher needs the teacher's metric")
    return theirs + float(over)


def _reached(row: dict[str, Any], *, lower: bool) -> str:
    measured = number(row["metric"])
    if measured is None:
        return "not measured"
    for key, answer in (("aim", "aim"), ("at_least", "at least")):
        if row[key] is not None and (measured <= row[key] if lower else measured >= row[key]):
            return answer
    return "no"


def requirement_table(rows: list[dict[str, Any]]) -> str:
    """Rows of `requirements` beside the teacher's metrics, in Markdown."""
    keys = {
        "at_least": "at least",
        "aim": "aim",
        "metric": "measured",
        "float": "fp32",
        "teacher": "teacher",
    }
    shown = [key for key in keys if any(row[key] is not None for row in rows)]
    lines = [
        [row["what"], *(_shown(row[key], row["format"]) for key in shown), row["reached"]]
        for row in rows
    ]
    return markdown_table(["", *(keys[key] for key in shown), "reached"], lines)


def _shown(metric: Any, form: str) -> str:
    return "" if metric is None else formatted(metric, form)
