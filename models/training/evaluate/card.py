"""Writes a model card, as Markdown and as JSON, from measured metrics.

    python -m models.training.evaluate.card models/cards/behaviour.toml --metrics int8.json \\
        --metrics float=fp32.json --metrics teacher=teacher.json --out models/cards/behaviour.md

``NAME=FILE`` puts a file's metrics under that name. What is not measured comes from the TOML file:

=================  ================================================================================
``title``          of the card
``summary``        what it is, in a paragraph
``intended_use``   prose
``license``        prose
``limits``         prose: what it can't do, where it fails
``data``           list of ``{name, used, labels, terms}``
``teachers``       list of ``{name, license, gives}``
``recipe``         list of commands
``requirements``   list of rows of *What it must show*, below; may be left out, as what follows
``sections``       list of ``{heading, text}``: whatever else is to be said, ahead of the metrics
``tables``         list of tables of metrics, see `models.training.evaluate.card_tables`
=================  ================================================================================

A requirement has ``what`` and ``metric`` (a path, see `models.training.evaluate.metrics`), and may
have the same metric of the ``float`` network and of the ``teacher``; ``at_least`` and ``aim``, or
how far above the teacher's they lie: ``at_least_over_teacher``, ``aim_over_teacher``; ``better =
"lower"`` for errors; ``format``. Without ``metric`` it is listed as not measured.

Prose may hold metrics, so that no number in a card is ever older than its files:
``{{ fer2013.accuracy | percent }}``. A metric that isn't there is an error. The same files give the
same bytes.
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path
from typing import Any

from models.training.evaluate.card_tables import (
    markdown_table,
    metric_table,
    requirement_table,
    requirements,
)
from models.training.evaluate.metrics import MetricsError, formatted, look_up, merge, read_metrics

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib

PROSE = ("title", "summary", "intended_use", "license", "limits")
LISTS = {"data": ("name", "used", "labels", "terms"), "teachers": ("name", "license", "gives")}
OPTIONAL = ("requirements", "sections", "tables")


def read_facts(path: Path) -> dict[str, Any]:
    """The TOML file of what is not measured.

    Raises
    ------
    MetricsError
        A key is missing or unknown.
    """
    facts = tomllib.loads(path.read_text())
    wanted = (*PROSE, *LISTS, "recipe")
    if missing := [key for key in wanted if key not in facts]:
        raise MetricsError(f"{path}: no {missing[0]}; a card needs {', '.join(wanted)}")
    if unknown := sorted(set(facts) - {*wanted, *OPTIONAL}):
        raise MetricsError(f"{path}: no such key: {unknown[0]}")
    for key, columns in LISTS.items():
        for entry in facts[key]:
            if set(entry) != set(columns):
                raise MetricsError(f"{path}: {key}: wanted {', '.join(columns)}, got {entry}")
    return facts


def read_sources(named: list[str]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Metrics of all files as one tree, and what else each file says (its command, its data)."""
    parts, sources = [], []
    for item in named:
        name, separator, path = item.rpartition("=")
        content = read_metrics(Path(path))
        metrics = content.pop("metrics")
        parts.append({name: metrics} if separator else metrics)
        sources.append({"under": name, **content})
    return merge(parts), sources


def write_card(
    facts: dict[str, Any], metrics: dict[str, Any], sources: list[dict[str, Any]]
) -> str:
    """The card as Markdown."""
    blocks = [f"# {facts['title']}", filled(facts["summary"], metrics)]
    for heading, key in (("Intended use", "intended_use"), ("License", "license")):
        blocks += [f"## {heading}", filled(facts[key], metrics)]
    for section in facts.get("sections", []):
        blocks += [f"## {section['heading']}", filled(section["text"], metrics)]
    for heading, key in (("Data", "data"), ("Teachers", "teachers")):
        rows = [[filled(entry[column], metrics) for column in LISTS[key]] for entry in facts[key]]
        blocks += [f"## {heading}", markdown_table(list(LISTS[key]), rows)]
    blocks += ["## Recipe", _commands(facts["recipe"])]
    if facts.get("requirements"):
        rows = requirements(facts["requirements"], metrics)
        blocks += ["## What it must show", requirement_table(rows)]
    blocks += ["## Metrics"] if facts.get("tables") else []
    for table in facts.get("tables", []):
        blocks += [f"### {table['heading']}"]
        blocks += [filled(table["text"], metrics)] if "text" in table else []
        blocks += metric_table(table, metrics)
        blocks += [filled(table["note"], metrics)] if "note" in table else []
    blocks += ["## Limits", filled(facts["limits"], metrics)]
    made = [
        f"- {s['data']}: `{s['command']}`" if "data" in s else f"- `{s['command']}`"
        for s in sources
    ]
    blocks += ["## How the metrics were made", "\n".join(made)]
    return "\n\n".join(block.strip() for block in blocks) + "\n"


def card_json(facts: dict[str, Any], metrics: dict[str, Any], sources: list[dict[str, Any]]) -> str:
    """The card for programs: facts, requirements with what was reached, every metric."""
    content = {
        "facts": facts,
        "requirements": requirements(facts.get("requirements", []), metrics),
        "metrics": metrics,
        "sources": sources,
    }
    return json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def filled(text: str, metrics: dict[str, Any]) -> str:
    """Prose with its metrics put in."""

    def value(match: re.Match[str]) -> str:
        path, _, form = (part.strip() for part in match[1].partition("|"))
        return formatted(look_up(metrics, path), form)

    return re.sub(r"\{\{(.*?)\}\}", value, text).strip()


def _commands(recipe: list[str]) -> str:
    return "\n".join(["```bash", *recipe, "```"])


def main(arguments: list[str] | None = None) -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("facts", type=Path, help="TOML file of what is not measured")
    parser.add_argument("--metrics", action="append", default=[], metavar="[NAME=]FILE.json")
    parser.add_argument("--out", type=Path, required=True, help="FILE.md; FILE.json goes beside it")
    options = parser.parse_args(arguments)
    if options.out.suffix != ".md":
        parser.error(f"--out: wanted a file that ends in .md, got {options.out}")
    try:
        facts = read_facts(options.facts)
        metrics, sources = read_sources(options.metrics)
        text, data = write_card(facts, metrics, sources), card_json(facts, metrics, sources)
    except MetricsError as error:
        parser.error(str(error))
    options.out.write_text(text)
    options.out.with_suffix(".json").write_text(data)


if __name__ == "__main__":
    main()
