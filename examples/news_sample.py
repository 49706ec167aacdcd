"""Good news and bad news on a speaker's face: the analysis of Py-Feat's paper, from 20 files to a
figure.

    python examples/news_sample.py ../shared/data/news_sample --figure news.png

The folder holds one py-feat file a clip (Watson & Johnston 2020; 10 clips of good news, 10 of bad)
and ``clip_attrs.csv``, which says which is which. ``docs/replication.md`` goes through the steps.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mien import FaceTable
from mien.formats.feat import read_feat

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from mien.stats import ISC, Prediction

NEWS = {"gn": "good", "ists": "bad"}


@dataclass(frozen=True)
class Results:
    """What the analysis comes to; each part is a tidy table or has one."""

    means: FaceTable  # one row a clip
    t_tests: pd.DataFrame  # one row an action unit
    regression: pd.DataFrame  # the condition's coefficient for each action unit
    decoding: Prediction
    alike: ISC
    groups: pd.DataFrame  # ISC within the conditions and between them


def load(folder: Path) -> FaceTable:
    """All clips as one table with sessions by clip and the condition beside each row."""
    classes = pd.read_csv(folder / "clip_attrs.csv", dtype=str).set_index("clipN")["class"]
    clips = []
    for path in sorted(folder.glob("[0-9]*.csv")):
        clip = read_feat(path)
        clips.append(clip[["input", "frame", "status", *clip.aus]])
    table = FaceTable(pd.concat(clips, ignore_index=True))
    table["news"] = table["input"].str.removesuffix(".mp4").map(classes).map(NEWS)
    return table.set_sessions("input")


def analyse(table: FaceTable, permutations: int = 100, shifts: int = 1000) -> Results:
    """Mean action units of each clip, what tells good from bad news, and how alike the clips'
    courses are.
    """
    means = table.extract_mean(columns="aus")
    t_tests = means.ttest_ind(sessions=("good", "bad"), by="news")
    coefficients = means.regress(means["news"] == "good", "aus").coefficients
    model = make_pipeline(StandardScaler(), LogisticRegression())
    decoding = means.predict(
        "aus", "news", model, groups="input", cv="leave_one_out", permutations=permutations
    )
    alike = table.isc("aus", index="frame", test="circular_shift", samples=shifts)
    return Results(
        means,
        t_tests,
        coefficients[coefficients["term"] != "intercept"].reset_index(drop=True),
        decoding,
        alike,
        by_condition(alike, means),
    )


def by_condition(alike: ISC, means: FaceTable) -> pd.DataFrame:
    """Median ISC of AU12 over pairs of clips of the same condition and of different ones."""
    square = alike.matrix("AU12")
    news = means.set_index("input")["news"].reindex(square.index).to_numpy()
    first, second = alike.pairs.T
    kind = [
        f"{a} with {b}" if a == b else "good with bad"
        for a, b in zip(news[first], news[second], strict=True)
    ]
    r = square.to_numpy()[first, second]
    table = pd.DataFrame({"pairs": kind, "r": r}).groupby("pairs")["r"].agg(["median", "count"])
    return table.reset_index()


def report(found: Results) -> str:
    """The numbers in words."""
    strong = found.t_tests.set_index("column").loc["mean_AU12"]
    headline = (
        f"AU12, good less bad news: t({strong['df']:.0f}) = {strong['statistic']:.2f}, "
        f"p = {strong['p']:.2g}, "
        f"FDR-corrected p = {strong['p_corrected']:.2g}, d = {strong['cohen_d']:.2f}"
    )
    lines = [
        headline,
        "",
        _shown(found.t_tests.drop(columns=["first", "second", "n_first", "n_second"])),
        "",
        (
            f"Leave-one-clip-out logistic regression: accuracy {found.decoding.score:.2f}, "
            f"permutation p = {found.decoding.p:.2g}"
        ),
        _shown(found.decoding.coefficients.sort_values("b", key=abs, ascending=False).head(6)),
        "",
        "Intersubject correlation between clips, circular shifts:",
        _shown(found.alike.table.drop(columns=["ci_low", "ci_high"])),
        "",
        "AU12 by condition:",
        _shown(found.groups),
    ]
    return "\n".join(lines)


def _shown(table: pd.DataFrame) -> str:
    return table.to_string(index=False, float_format="{:.3g}".format)


def figure(found: Results) -> Figure:
    """Differences of the means, weights of the decoder, and likeness of the clips."""
    import matplotlib.pyplot as plt

    drawn, axes = plt.subplots(1, 3, figsize=(13, 5.2), layout="constrained")
    _draw_differences(axes[0], found.t_tests)
    _draw_weights(axes[1], found.decoding)
    _draw_likeness(axes[2], found)
    return drawn


BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#999999"  # told apart with any colour vision


def _draw_differences(ax, t_tests: pd.DataFrame) -> None:
    table = t_tests.sort_values("difference").reset_index(drop=True)
    for i, row in table.iterrows():
        colour = GREY if row["p_corrected"] >= 0.05 else BLUE if row["difference"] > 0 else ORANGE
        ax.plot([row["ci_low"], row["ci_high"]], [i, i], color=colour, lw=1.5)
        ax.plot(row["difference"], i, "o", color=colour, ms=5)
    ax.axvline(0, color="black", lw=0.8)
    ax.set_yticks(range(len(table)), table["column"].str.removeprefix("mean_"))
    ax.set_xlabel("difference of mean intensity (0-1),\ngood less bad news, with 95 % interval")
    ax.set_title(
        "a  Action units: blue more in good news,\norange in bad; grey FDR-corrected p ≥ 0.05",
        loc="left",
        fontsize=10,
    )


def _draw_weights(ax, decoding: Prediction) -> None:
    table = decoding.coefficients.sort_values("b").reset_index(drop=True)
    ax.barh(table["term"].str.removeprefix("mean_"), table["b"], color=BLUE)
    ax.barh(table["term"].str.removeprefix("mean_"), table["b"].clip(upper=0), color=ORANGE)
    ax.axvline(0, color="black", lw=0.8)
    ax.set_xlabel("weight (log odds of good news\nper standard deviation)")
    ax.set_title(
        "b  Decoding good from bad news\n"
        f"accuracy {decoding.score:.0%} on clips left out, p = {decoding.p:.2g}",
        loc="left",
        fontsize=10,
    )


def _draw_likeness(ax, found: Results) -> None:
    square = found.alike.matrix("AU12")
    order = found.means.sort_values(["news", "input"])
    shown = square.loc[order["input"], order["input"]]
    image = ax.imshow(shown, cmap="PuOr_r", vmin=-1, vmax=1)
    bad = int((order["news"] == "bad").sum())
    ax.axhline(bad - 0.5, color="black", lw=1)
    ax.axvline(bad - 0.5, color="black", lw=1)
    middles = [(bad - 1) / 2, bad + (len(order) - bad - 1) / 2]
    ax.set_xticks(middles, ["bad news", "good news"])
    ax.set_yticks(middles, ["bad news", "good news"], rotation=90, va="center")
    ax.tick_params(length=0)
    ax.figure.colorbar(image, ax=ax, label="correlation over frames (r)", shrink=0.7)
    ax.set_title("c  Likeness of AU12's course\nbetween clips (ISC)", loc="left", fontsize=10)


def main() -> None:
    """Analyse the folder named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="folder of the clips' files and clip_attrs.csv")
    parser.add_argument("--figure", type=Path, help="write the figure here (PNG, PDF, SVG)")
    options = parser.parse_args()
    found = analyse(load(options.folder))
    print(report(found))
    if options.figure:
        figure(found).savefig(options.figure, dpi=150)


if __name__ == "__main__":
    main()
