"""Clips for benchmarks that repeat another clip without decoding it."""

from __future__ import annotations

from pathlib import Path

import av


def loop_clip(source: Path, target: Path, frames: int) -> Path:
    """Repeat the video packets of `source` until `target` holds `frames` of them.

    Presentation times go on evenly from one turn to the next; nothing is encoded anew.
    """
    with av.open(str(source)) as probe:
        stream = probe.streams.video[0]
        packets = [p for p in probe.demux(stream) if p.pts is not None]
        step = round(1 / (float(stream.average_rate) * float(stream.time_base)))
        turn = step * len(packets)
    with av.open(str(target), "w") as out:
        written = 0
        new = None
        while written < frames:
            shift = turn * (written // len(packets))
            with av.open(str(source)) as again:
                old = again.streams.video[0]
                new = new or out.add_stream_from_template(old)
                for packet in again.demux(old):
                    if packet.pts is None or written == frames:
                        continue
                    packet.pts += shift
                    packet.dts += shift
                    packet.stream = new
                    out.mux(packet)
                    written += 1
    return target
