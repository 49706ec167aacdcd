# fmt: off
# Written by tools/table_stub.py from the functions that `mien._table_methods` names.

from collections.abc import Hashable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal, overload

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray
from pandas.core.resample import DatetimeIndexResampler
from pandas.tseries.offsets import BaseOffset

from mien.facs.events import Threshold
from mien.plot.cooccurrence import Measure
from mien.plot.detections import ImageSource
from mien.plot.face_model import FaceModel, Units
from mien.plot.time_course import By
from mien.preprocess.baselines import Baseline, Normalize, Statistic
from mien.preprocess.columns import Columns
from mien.preprocess.decomposition import Algorithm, Decomposition
from mien.preprocess.gaps import Method
from mien.preprocess.sessions import Grouping
from mien.preprocess.wavelets import Mode
from mien.stats._checks import Alternative
from mien.stats._cross_validation import Metric
from mien.stats._design import Variables
from mien.stats._resampling import Summary
from mien.stats.corrections import Correction
from mien.stats.intersubject import ISC
from mien.stats.mixed_models import MixedModel
from mien.stats.prediction import Prediction
from mien.stats.regression import Regression
from mien.stats.synchrony import Synchrony
from mien.table import FaceSeries, FaceTable

class AttachedMethods(pd.DataFrame):
    def append(self, other: FaceTable, session_id: Hashable | None = None) -> FaceTable:
        """Rows of one table, then those of another. See `mien.preprocess.sessions.append`."""

    def asymmetry(self, floor: float = 0.0) -> pd.DataFrame:
        """Asymmetry index of each action unit that has a left and a right column."""

    def baseline(
        self, baseline: Statistic | pd.Series[Any] | Baseline = "median",
        normalize: Normalize | None = None, ignore_sessions: bool = False, *,
        columns: Columns = None,
    ) -> FaceTable:
        """Values measured against a baseline, each session against its own."""

    def blink_rate(
        self, eyes: Sequence[str] = ("left", "right", "both"), *, closed: float = 0.5,
        open: float = 0.3, min_duration: float = 0.0, max_duration: float = 0.5,
        bridge: float = 0.0, by: Sequence[Hashable] | None = None,
    ) -> pd.DataFrame:
        """Blinks per minute of the time in which the eyes were seen."""

    def blinks(
        self, eyes: Sequence[str] = ("left", "right"), *, closed: float = 0.5, open: float = 0.3,
        min_duration: float = 0.0, max_duration: float = 0.5, bridge: float = 0.0,
        by: Sequence[Hashable] | None = None,
    ) -> pd.DataFrame:
        """Blinks of each eye, with their phases. See `mien.facs.eyes.blinks`."""

    def circumplex(
        self, *, neutral: float = 0.0, bridge: float = 0.0, by: Sequence[Hashable] | None = None,
    ) -> pd.DataFrame:
        """Where on the circumplex each face was, how steadily, and for how long."""

    def clean(
        self, detrend: bool = True, standardize: bool = True,
        confounds: str | Sequence[Any] | pd.DataFrame | NDArray[Any] | None = None,
        low_pass: float | None = None, high_pass: float | None = None, ensure_finite: bool = False,
        ignore_sessions: bool = False, *, sampling_rate: float | None = None,
        columns: Columns = None,
    ) -> FaceTable:
        """Detrend, filter, remove confounds and standardize, in this order."""

    def closed_eyes(self, threshold: float = 0.2) -> pd.DataFrame:
        """Whether each eye is closed: its aspect ratio is below `threshold`."""

    def compound_expressions(self, *, valence: bool = True) -> pd.DataFrame:
        """Scores of 15 compound expressions, zero-shot."""

    def consistency(self, expression: str | None = None, threshold: float = 0.5) -> pd.DataFrame:
        """How well the action units of each row fit its expression."""

    def decompose(
        self, algorithm: Algorithm = "pca", axis: Literal[0, 1] = 1,
        n_components: int | None = None, *, columns: Columns = None,
        estimator_options: Mapping[str, object] | None = None,
    ) -> Decomposition:
        """Decompose the values by scikit-learn's estimators."""

    def distance(
        self, method: str = "euclidean", *, columns: Columns = None, p: float | None = None,
        w: ArrayLike | None = None, V: ArrayLike | None = None, VI: ArrayLike | None = None,
    ) -> pd.DataFrame:
        """Distances between all pairs of rows. See `mien.preprocess.decomposition.distance`."""

    def downsample(
        self, target: float, target_type: Literal["hz", "seconds", "samples"] = "hz",
        method: Literal["mean", "median"] = "mean", ignore_sessions: bool = False, *,
        sampling_rate: float | None = None, columns: Columns = None,
    ) -> FaceTable:
        """Fewer rows, each the mean or median of a block."""

    def emoji(
        self, method: str = "kappa", *, threshold: float = 0.5, closed: float = 0.2,
    ) -> pd.DataFrame:
        """The emoji that each row agrees with most. See `mien.facs.emojis.emoji`."""

    def events(
        self, columns: Sequence[str] | None = None, *, high: Threshold = 0.5, low: Threshold = 0.3,
        bridge: float = 0.0, min_duration: float = 0.0, by: Sequence[Hashable] | None = None,
    ) -> pd.DataFrame:
        """Stretches of time in which a unit is active. See `mien.facs.events.events`."""

    def extract_boft(
        self, min_freq: float = 0.06, max_freq: float = 0.66, bank: int = 8, num_cyc: float = 3,
        edges: Sequence[float] = ..., ignore_sessions: bool = False, *,
        sampling_rate: float | None = None, columns: Columns = None,
    ) -> FaceTable:
        """Bag of temporal filters: how often movements of which speed and size occur."""

    def extract_dwt(
        self, wavelet: str = "db4", level: int = 3, ignore_sessions: bool = False, *,
        columns: Columns = None,
    ) -> FaceTable:
        """Energy of each session by time scale, from a discrete wavelet transform."""

    def extract_max(self, ignore_sessions: bool = False, *, columns: Columns = None) -> FaceTable:
        """Greatest known value of each session, as ``max_AU01``; see `extract_mean`."""

    def extract_mean(self, ignore_sessions: bool = False, *, columns: Columns = None) -> FaceTable:
        """Mean of the known values of each session."""

    def extract_min(self, ignore_sessions: bool = False, *, columns: Columns = None) -> FaceTable:
        """Least known value of each session, as ``min_AU01``; see `extract_mean`."""

    def extract_multi_wavelet(
        self, min_freq: float = 0.06, max_freq: float = 0.66, bank: int = 8, num_cyc: float = 3,
        mode: Mode = "complex", ignore_sessions: bool = False, *,
        sampling_rate: float | None = None, columns: Columns = None,
    ) -> FaceTable:
        """`extract_wavelet` at a bank of frequencies, spaced by equal ratios."""

    def extract_peak(self, ignore_sessions: bool = False, *, columns: Columns = None) -> FaceTable:
        """Value farthest from 0 of each session, as ``peak_AU01``, and when, as
        ``peak_time_AU01``."""

    def extract_sem(self, ignore_sessions: bool = False, *, columns: Columns = None) -> FaceTable:
        """Standard error of each session's mean, as ``sem_AU01``; see `extract_mean`."""

    def extract_std(self, ignore_sessions: bool = False, *, columns: Columns = None) -> FaceTable:
        """Standard deviation of each session, as ``std_AU01``; see `extract_mean`."""

    def extract_summary(
        self, mean: bool = True, std: bool = True, sem: bool = True, max: bool = True,
        min: bool = True, ignore_sessions: bool = False, *, columns: Columns = None,
    ) -> FaceTable:
        """Several features at once; see `extract_mean`."""

    def extract_wavelet(
        self, freq: float, num_cyc: float = 3, mode: Mode = "complex",
        ignore_sessions: bool = False, *, sampling_rate: float | None = None,
        columns: Columns = None,
    ) -> FaceTable:
        """Each signal convolved with a Morlet wavelet: its part at one frequency, row by row."""

    def eye_aspect_ratio(self) -> pd.DataFrame:
        """Height of each eye over its width (Soukupova & Cech 2016)."""

    def fill_gaps(
        self, limit: float | None = None, method: Method = "linear", ignore_sessions: bool = False,
        *, sampling_rate: float | None = None, columns: Columns = None,
    ) -> FaceTable:
        """Fill gaps from the known values on both sides, over true time."""

    def isc(
        self, columns: Columns = None, index: Hashable = "frame", subjects: Grouping = None, *,
        method: Literal["pairwise", "leave_one_out"] = "pairwise",
        axis: Literal["time", "features"] = "time", summary: Summary = "median",
        test: Literal["bootstrap", "circular_shift"] | None = None, samples: int = 1000,
        alternative: Literal["two-sided", "greater"] = "two-sided", confidence: float = 0.95,
        correction: Correction = "fdr_bh", seed: int = 0,
    ) -> ISC:
        """Intersubject correlation (Pearson's), over the moments that both subjects have."""

    def itersessions(self) -> Iterator[tuple[Hashable, FaceTable]]:
        """Pairs of a session's label and its rows, in the order of their first rows."""

    def mixed(
        self, X: Variables, y: Variables, groups: Grouping = None, *,
        slopes: Variables | None = None, reml: bool = True, confidence: float = 0.95,
        correction: Correction = "fdr_bh", fit_options: Mapping[str, object] | None = None,
    ) -> MixedModel:
        """Linear mixed model of each target, with random intercepts for people."""

    def one_euro(
        self, min_cutoff: float = 1.0, beta: float = 0.0, d_cutoff: float = 1.0,
        ignore_sessions: bool = False, *, sampling_rate: float | None = None,
        columns: Columns = None,
    ) -> FaceTable:
        """`OneEuroFilter` over the rows of each session: what it would have given live."""

    def plot_circumplex(
        self, *, by: Sequence[Hashable] | None = None, lines: bool = True, neutral: float = 0.0,
        ax: Axes | None = None,
    ) -> Axes:
        """Draw each face's trajectory on the circumplex of valence and arousal."""

    def plot_cooccurrence(
        self, columns: Columns = None, *, measure: Measure = "jaccard", threshold: float = 0.5,
        ax: Axes | None = None,
    ) -> Axes:
        """Draw what `cooccurrence` computes as a heat map."""

    def plot_detections(
        self, frame: int | Sequence[int] | None = None,
        image: ImageSource | Sequence[ImageSource] = None, *, input: str | None = None,
        faceboxes: bool = True, landmarks: bool = True, poses: bool = True, gazes: bool = True,
        aus: bool = True, emotions: bool = True, muscles: bool = False, emoji: bool = False,
        columns: int | None = None, ax: Axes | None = None, figure: Any = None,
    ) -> Figure | Axes:
        """Draw frames: the image with boxes, landmarks, pose axes and gaze, and bars of action
        units and expressions."""

    def plot_face(
        self, row: Hashable | None = None, *, reference: Units = None, muscles: bool = True,
        vectors: bool = True, gaze: tuple[float, float] | None = None,
        model: FaceModel | None = None, title: str | None = None, colorbar: bool = True,
        ax: Axes | None = None,
    ) -> Axes:
        """Draw the face that a row's action units make, or those of the mean of all rows with a
        face."""

    def plot_quality(
        self, input: str | None = None, *, samples: int = 0, figure: Any = None,
    ) -> Figure:
        """Draw a quality-control sheet of one clip. See `mien.plot.quality_sheet.plot_quality`."""

    def plot_time_course(
        self, columns: Columns, *, by: By = None, over: By = None, bin: float = 0.5,
        confidence: float = 0.95, ax: Axes | None = None, figure: Any = None,
    ) -> Figure | Axes:
        """Draw what `time_course` computes: a panel a column, a line with its band a group."""

    def plot_traces(self, panels: Sequence[Sequence[str]], *, figure: Any = None) -> Figure:
        """Draw columns against time, a panel for each list of columns."""

    def predict(
        self, X: Variables, y: Variables, model: Any = None, *, groups: Grouping = None,
        cv: Any = 5, metric: str | Metric | None = None, permutations: int = 0, seed: int = 0,
        n_jobs: int = 1,
    ) -> Prediction:
        """Fit an estimator, and judge it by cross-validation that keeps groups of rows together."""

    def quadrants(self, neutral: float = 0.0) -> pd.Series:
        """Quadrant of valence and arousal of each row. See `mien.facs.affect.quadrants`."""

    def rectification(self, std: float = 3.0, ignore_sessions: bool = False) -> FaceTable:
        """Empty rows whose face box lies far from where the session's boxes are: another face, or
        none."""

    def regress(
        self, X: Variables, y: Variables, fit_intercept: bool = True, *,
        errors: Literal["ols", "HC0", "HC1", "HC2", "HC3", "cluster"] = "ols",
        clusters: Grouping = None, confidence: float = 0.95, correction: Correction = "fdr_bh",
    ) -> Regression:
        """Ordinary least squares of each target on the same terms."""

    @overload  # type: ignore[misc, override]
    def resample(
        self, rule: float, method: Method | None = None, ignore_sessions: bool | None = None, *,
        sampling_rate: float | None = None, columns: Columns = None,
    ) -> FaceTable:
        """Rows at a rate in Hz, see `mien.preprocess.resample`; of an offset ("1s"), as pandas
        does."""

    @overload
    def resample(
        self, rule: str | timedelta | BaseOffset, *,
        closed: Literal["left", "right"] | None = None,
        label: Literal["left", "right"] | None = None,
        convention: Literal["start", "end", "s", "e"] | None = None, on: Hashable | None = None,
        level: Hashable | None = None, origin: str | datetime | None = None,
        offset: str | timedelta | None = None, group_keys: bool | None = None,
    ) -> DatetimeIndexResampler[pd.DataFrame]:
        """Rows at a rate in Hz, see `mien.preprocess.resample`; of an offset ("1s"), as pandas
        does."""

    def save(self, path: str | Path) -> Path:
        """Write a table with its provenance; the suffix says how."""

    @property
    def session_columns(self) -> list[Hashable]:
        """Names of the columns that hold the sessions' labels; empty where none were set."""

    @property
    def sessions(self) -> FaceSeries | None:
        """Label of each row, a tuple of several columns; None where no sessions are set."""

    def set_sessions(self, sessions: Grouping, name: str = "session") -> FaceTable:
        """Group the rows into sessions, which all that works over rows respects."""

    def smooth(
        self, window: float = 0.5, order: int = 2, derivative: int = 0,
        ignore_sessions: bool = False, *, sampling_rate: float | None = None,
        columns: Columns = None,
    ) -> FaceTable:
        """Savitzky-Golay smoothing over true time, without delay."""

    def synchrony(
        self, second: FaceTable, columns: Columns = None, *, window: float = 5.0,
        max_lag: float = 2.0, step: float | None = None, rate: float | None = None,
        coverage: float = 0.8, peak: float = 0.2, surrogates: int = 0,
        correction: Correction = "fdr_bh", seed: int = 0,
    ) -> Synchrony:
        """Correlate windows of two faces at a range of lags."""

    def ttest_1samp(
        self, popmean: float = 0.0, columns: Columns = None, *,
        alternative: Alternative = "two-sided", confidence: float = 0.95,
        correction: Correction = "fdr_bh",
    ) -> pd.DataFrame:
        """Whether the mean of each column differs from a number (Student 1908)."""

    def ttest_ind(
        self, columns: Columns = None, sessions: Sequence[Hashable] | None = None, *,
        by: Grouping = None, equal_var: bool = True, alternative: Alternative = "two-sided",
        confidence: float = 0.95, correction: Correction = "fdr_bh",
    ) -> pd.DataFrame:
        """Whether the means of each column differ between two groups of rows."""

    def ttest_rel(
        self, columns: Columns = None, sessions: Sequence[Hashable] | None = None, *,
        pair: Hashable, by: Grouping = None, alternative: Alternative = "two-sided",
        confidence: float = 0.95, correction: Correction = "fdr_bh",
    ) -> pd.DataFrame:
        """Whether each column differs between two measurements of the same people (paired
        t-test)."""

    def update_sessions(self, sessions: Grouping, name: str = "session") -> FaceTable:
        """Group the rows into sessions, which all that works over rows respects."""

    def upsample(
        self, target: float, target_type: Literal["hz", "seconds", "samples"] = "hz",
        method: Method = "linear", ignore_sessions: bool = False, *,
        sampling_rate: float | None = None, columns: Columns = None,
    ) -> FaceTable:
        """More rows, interpolated in true time. See `mien.preprocess.resampling.upsample`."""

    def write(
        self, path: str | Path, format: str | None = None, *,
        dictionary: Literal["csv", "json"] | None = "csv", layout: Literal["v1", "v2"] = "v1",
        columns: Literal["all", "known"] = "all", start_time: float | None = None,
    ) -> Path:
        """Write a table in any format that holds one; ``docs/formats.md`` says what each keeps."""
