"""Worker: mien, file to table. Options: `engine` and `analyze`, the keywords of both."""

from __future__ import annotations

import json
from typing import Any

import mien
from bench.peers.protocol import Count, Stopwatch, serve_timed

_engines: dict[str, mien.Engine] = {}


def run(clip: str, options: dict[str, Any]) -> tuple[Count, Stopwatch]:
    """Analyse a clip and count its frames and faces."""
    keywords = options.get("engine", {})
    engine = _engines.setdefault(json.dumps(keywords), mien.Engine(**keywords))
    watch = Stopwatch()
    table = engine.analyze(clip, **options.get("analyze", {}))
    watch.stop()
    known = table[table["status"] == "ok"]
    numbers = table[engine.columns].to_numpy("float32").tobytes()
    return Count(table["frame"].nunique(), known["frame"].nunique(), len(known), numbers), watch


if __name__ == "__main__":
    serve_timed({"version": mien.__version__}, run)
