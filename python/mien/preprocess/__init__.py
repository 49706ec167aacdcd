"""Preprocessing: from raw rows to signals that can be compared, and features of them.

Functions that take a `FaceTable` and return a new one; all are methods of the table too. They work
on the values: numeric columns of landmarks, poses, action units, emotions, affect and gaze, or
those chosen with ``columns=``. All other columns are carried along. Rows are grouped by
`set_sessions`. What is missing stays missing, and values of rows with the status
``low_quality`` count as missing in the first step. Each step adds itself to the table's provenance
under ``preprocessing``.
"""

from __future__ import annotations

from mien.preprocess.baselines import Baseline, baseline
from mien.preprocess.cleaning import clean, clean_signal
from mien.preprocess.columns import VALUE_GROUPS, value_columns
from mien.preprocess.decomposition import Decomposition, decompose, distance
from mien.preprocess.extraction import (
    extract_max,
    extract_mean,
    extract_min,
    extract_peak,
    extract_sem,
    extract_std,
    extract_summary,
)
from mien.preprocess.extras import MissingExtraError
from mien.preprocess.gaps import fill_gaps, rectification
from mien.preprocess.hog import hog
from mien.preprocess.one_euro import OneEuroFilter
from mien.preprocess.resampling import downsample, resample, upsample
from mien.preprocess.sessions import (
    append,
    itersessions,
    session_columns,
    session_labels,
    set_sessions,
)
from mien.preprocess.smoothing import one_euro, smooth
from mien.preprocess.temporal import extract_boft, extract_dwt
from mien.preprocess.wavelets import extract_multi_wavelet, extract_wavelet, morlet
from mien.schema import source_of

__all__ = [
    "VALUE_GROUPS",
    "Baseline",
    "Decomposition",
    "MissingExtraError",
    "OneEuroFilter",
    "append",
    "baseline",
    "clean",
    "clean_signal",
    "decompose",
    "distance",
    "downsample",
    "extract_boft",
    "extract_dwt",
    "extract_max",
    "extract_mean",
    "extract_min",
    "extract_multi_wavelet",
    "extract_peak",
    "extract_sem",
    "extract_std",
    "extract_summary",
    "extract_wavelet",
    "fill_gaps",
    "hog",
    "itersessions",
    "morlet",
    "one_euro",
    "rectification",
    "resample",
    "session_columns",
    "session_labels",
    "set_sessions",
    "smooth",
    "source_of",
    "upsample",
    "value_columns",
]
