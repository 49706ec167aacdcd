"""The units that photographs can be given, and what each takes along."""

from __future__ import annotations

from dataclasses import dataclass

SIDES = ("both", "left", "right")


@dataclass(frozen=True)
class UnitShape:
    """How a unit is made of FACSHuman's shapes.

    Attributes
    ----------
    shapes : dict
        Name of a FACSHuman shape to its amount at strength 1.
    takes : tuple of str
        Units of which the change may show as well, because the movement is theirs too (a dropped
        jaw parts the lips); nothing is asked of them.
    sided : bool
        Whether it can be moved on one side alone.
    eye : bool
        Whether it grows with the eye's opening: strength 1 does to a narrow eye what it does to a
        wide one.
    """

    shapes: dict[str, float]
    takes: tuple[str, ...] = ()
    sided: bool = False
    eye: bool = False


UNITS = {
    "AU01": UnitShape({"1": 0.8}, ("AU02",)),
    "AU02": UnitShape({"2": 1.0}, ("AU01",), sided=True),
    "AU04": UnitShape({"4": 0.6, "4_b": 0.6}, sided=True),
    "AU05": UnitShape({"5": 1.6}, ("AU43", "AU07"), sided=True),
    "AU06": UnitShape({"6": 0.7, "7": 0.6}, ("AU07", "AU43"), sided=True),
    "AU07": UnitShape({"7": 1.0}, ("AU06", "AU43"), sided=True, eye=True),
    "AU09": UnitShape({"9_a": 1.0}, ("AU04", "AU10", "AU06", "AU07")),
    "AU10": UnitShape({"10": 0.9, "25": 0.5}, ("AU25", "AU09", "AU16"), sided=True),
    "AU12": UnitShape({"12": 1.0}, ("AU06", "AU14", "AU23", "AU24"), sided=True),
    "AU14": UnitShape({"14": 1.0}, ("AU12", "AU20", "AU23", "AU24"), sided=True),
    "AU15": UnitShape({"15": 1.4}, ("AU17",), sided=True),
    "AU16": UnitShape({"16": 1.3}, ("AU25",), sided=True),
    "AU17": UnitShape({"17": 1.0}, ("AU24", "AU15")),
    "AU18": UnitShape({"18": 1.0}, ("AU22", "AU23")),
    "AU20": UnitShape({"20": 1.0}, ("AU14", "AU25"), sided=True),
    "AU22": UnitShape({"22_25_up_down": 0.8, "18": 0.6}, ("AU25", "AU18", "AU26", "AU16", "AU10")),
    "AU23": UnitShape({"23": 1.3}, ("AU24", "AU28", "AU18")),
    "AU24": UnitShape({"24": 1.4}, ("AU23", "AU28", "AU17"), sided=True),
    "AU25": UnitShape({"25": 0.45, "16": 0.6}, ("AU26", "AU16", "AU10")),
    "AU26": UnitShape({"26": 0.7}, ("AU25", "AU16")),
    "AU28": UnitShape({"28": 1.0}, ("AU23", "AU24")),
    "AU43": UnitShape({"43": 1.3}, ("AU07", "AU06", "AU05"), sided=True, eye=True),
}
