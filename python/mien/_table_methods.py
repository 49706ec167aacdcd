"""The registry of the methods that `FaceTable` gets from the modules above it.

An entry names a method and the function that is called. The function takes the table as its first
parameter; its signature and docstring are the method's. Nothing is imported until a method is first
looked up. After a change here or in such a signature, run ``python tools/table_stub.py``.
"""

from __future__ import annotations

from importlib import import_module
from types import FunctionType
from typing import Any

from mien.table import FaceTable

__all__ = ["METHODS", "PROPERTIES", "attach", "load_function"]


METHODS = {
    # preprocess
    "append": "mien.preprocess.sessions:append",
    "baseline": "mien.preprocess.baselines:baseline",
    "clean": "mien.preprocess.cleaning:clean",
    "decompose": "mien.preprocess.decomposition:decompose",
    "distance": "mien.preprocess.decomposition:distance",
    "downsample": "mien.preprocess.resampling:downsample",
    "extract_boft": "mien.preprocess.temporal:extract_boft",
    "extract_dwt": "mien.preprocess.temporal:extract_dwt",
    "extract_max": "mien.preprocess.extraction:extract_max",
    "extract_mean": "mien.preprocess.extraction:extract_mean",
    "extract_min": "mien.preprocess.extraction:extract_min",
    "extract_multi_wavelet": "mien.preprocess.wavelets:extract_multi_wavelet",
    "extract_peak": "mien.preprocess.extraction:extract_peak",
    "extract_sem": "mien.preprocess.extraction:extract_sem",
    "extract_std": "mien.preprocess.extraction:extract_std",
    "extract_summary": "mien.preprocess.extraction:extract_summary",
    "extract_wavelet": "mien.preprocess.wavelets:extract_wavelet",
    "fill_gaps": "mien.preprocess.gaps:fill_gaps",
    "itersessions": "mien.preprocess.sessions:itersessions",
    "one_euro": "mien.preprocess.smoothing:one_euro",
    "rectification": "mien.preprocess.gaps:rectification",
    "resample": "mien.preprocess._resample_method:resample_table",
    "set_sessions": "mien.preprocess.sessions:set_sessions",
    "smooth": "mien.preprocess.smoothing:smooth",
    "update_sessions": "mien.preprocess.sessions:set_sessions",  # py-feat's name
    "upsample": "mien.preprocess.resampling:upsample",
    # facs
    "asymmetry": "mien.facs.asymmetry:asymmetry",
    "blink_rate": "mien.facs.eyes:blink_rate",
    "blinks": "mien.facs.eyes:blinks",
    "circumplex": "mien.facs.affect:circumplex",
    "closed_eyes": "mien.facs.eyes:closed_eyes",
    "compound_expressions": "mien.facs.compound:compound_expressions",
    "consistency": "mien.facs.rules:consistency",
    "emoji": "mien.facs.emojis:emoji",
    "events": "mien.facs.events:events",
    "eye_aspect_ratio": "mien.facs.eyes:eye_aspect_ratio",
    "quadrants": "mien.facs.affect:quadrants",
    # stats
    "isc": "mien.stats.intersubject:isc",
    "mixed": "mien.stats.mixed_models:mixed",
    "predict": "mien.stats.prediction:predict",
    "regress": "mien.stats.regression:regress",
    "synchrony": "mien.stats.synchrony:synchrony",
    "ttest_1samp": "mien.stats.ttests:ttest_1samp",
    "ttest_ind": "mien.stats.ttests:ttest_ind",
    "ttest_rel": "mien.stats.ttests:ttest_rel",
    # plot
    "plot_circumplex": "mien.plot.circumplex:plot_circumplex",
    "plot_cooccurrence": "mien.plot.cooccurrence:plot_cooccurrence",
    "plot_detections": "mien.plot.detections:plot_detections",
    "plot_face": "mien.plot.table_faces:plot_table_face",
    "plot_quality": "mien.plot.quality_sheet:plot_quality",
    "plot_time_course": "mien.plot.time_course:plot_time_course",
    "plot_traces": "mien.plot.traces:plot_traces",
    # formats
    "save": "mien.formats.tables:save_table",
    "write": "mien.formats.dispatch:write_table",
}
"""Method: ``"module:function"``."""

PROPERTIES = {
    "session_columns": "mien.preprocess.sessions:session_columns",
    "sessions": "mien.preprocess.sessions:session_labels",
}
"""Property: ``"module:function"``, of a function that takes the table alone."""


def load_function(target: str) -> FunctionType:
    """The function of a ``"module:function"``."""
    module, _, name = target.partition(":")
    function: FunctionType = getattr(import_module(module), name)
    return function


class AttachedMethod:
    """Descriptor that makes way for the method itself the first time it is looked up."""

    def __init__(self, name: str, target: str) -> None:
        self.name = name
        self.target = target

    def _resolve(self) -> Any:
        return _as_method(load_function(self.target), self.name)

    def __get__(self, table: FaceTable | None, owner: type[FaceTable] | None = None) -> Any:
        resolved = self._resolve()
        setattr(FaceTable, self.name, resolved)
        return resolved.__get__(table, owner)


class AttachedProperty(AttachedMethod):
    """`AttachedMethod` of a property."""

    def _resolve(self) -> Any:
        function = load_function(self.target)
        return property(function, doc=function.__doc__)


def _as_method(function: FunctionType, name: str) -> FunctionType:
    """The same function under the method's name, so that help and pickle find it there."""
    method = FunctionType(
        function.__code__, function.__globals__, name, function.__defaults__, function.__closure__
    )
    method.__kwdefaults__ = function.__kwdefaults__
    method.__annotations__ = function.__annotations__
    method.__doc__ = function.__doc__
    method.__module__ = __name__  # where pickle finds `FaceTable`
    method.__qualname__ = f"{FaceTable.__qualname__}.{name}"
    return method


def attach() -> None:
    """Give `FaceTable` its methods; `mien` does so when it is imported."""
    for name, target in METHODS.items():
        setattr(FaceTable, name, AttachedMethod(name, target))
    for name, target in PROPERTIES.items():
        setattr(FaceTable, name, AttachedProperty(name, target))
