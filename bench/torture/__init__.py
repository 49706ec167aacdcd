"""Faults injected into runs of a batch: after each, no row is lost or doubled, and what was said is
clear.

    python -m bench.torture N          # N faults of kinds and moments at random; exit status 1 if
                                       # any has cost a row or was told badly
"""
