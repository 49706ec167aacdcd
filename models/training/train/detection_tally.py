"""Recall and average precision of face boxes in photographs of scenes, at IoU 0.5."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from models.training.datasets.teacher_faces import overlap

HIT = 0.5  # IoU from which a box counts as the drawn one


@dataclass
class Tally:
    """What a detector found in some photographs, against what is drawn there.

    Attributes
    ----------
    scores, hits : list of ndarray
        For each photograph its detections' scores and whether they are drawn faces; those on
        ignored places are left out.
    found : list of ndarray
        For each photograph and drawn face the score it was found with, -1 where it was not.
    """

    scores: list[np.ndarray] = field(default_factory=list)
    hits: list[np.ndarray] = field(default_factory=list)
    found: list[np.ndarray] = field(default_factory=list)

    def add(self, faces: np.ndarray, drawn: np.ndarray, ignored: np.ndarray) -> None:
        """Take a photograph in.

        Parameters
        ----------
        faces : ndarray (K, 5 or more)
            Score and box x0 y0 x1 y1, best first.
        drawn : ndarray (M, 4)
        ignored : ndarray (L, 4)
            Where a detection is neither right nor wrong.
        """
        which = match(faces, drawn)
        found = np.full(len(drawn), -1.0)
        found[which[which >= 0]] = faces[which >= 0, 0]
        kept = which >= 0
        if len(ignored) and len(faces):
            kept |= ~(overlap(faces[:, 1:5], ignored).max(1) >= HIT)
        else:
            kept[:] = True
        self.scores.append(faces[kept, 0])
        self.hits.append(which[kept] >= 0)
        self.found.append(found)

    def recall(self, threshold: float) -> float:
        """Share of the drawn faces that are found with at least this score."""
        every = np.concatenate(self.found)
        return float((every >= threshold).mean()) if len(every) else float("nan")

    def false_boxes(self, threshold: float) -> float:
        """Boxes an image, of at least this score, that are no drawn face."""
        wrong = np.concatenate(self.scores)[~np.concatenate(self.hits)]
        return float((wrong >= threshold).sum() / max(len(self.scores), 1))

    def threshold_at(self, false_boxes: float) -> float:
        """Lowest threshold with at most so many false boxes an image."""
        wrong = np.concatenate(self.scores)[~np.concatenate(self.hits)]
        wrong = np.sort(wrong)[::-1]
        allowed = int(false_boxes * len(self.scores) + 1e-9)
        return float(np.nextafter(wrong[allowed], 2.0)) if allowed < len(wrong) else 0.0

    def average_precision(self) -> float:
        """Area under the curve of precision over recall, precision made monotone."""
        scores, hits = np.concatenate(self.scores), np.concatenate(self.hits)
        total = sum(len(found) for found in self.found)
        hits = hits[np.argsort(-scores, kind="stable")]
        right = np.cumsum(hits)
        precision = right / np.arange(1, len(hits) + 1)
        precision = np.maximum.accumulate(precision[::-1])[::-1]
        return float(precision[hits].sum() / total) if total else float("nan")


def match(faces: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """The drawn face that each detection (best first) is, or -1; each drawn face once."""
    which = np.full(len(faces), -1)
    if not len(drawn) or not len(faces):
        return which
    shared = overlap(faces[:, 1:5], drawn)
    for row in range(len(faces)):
        best = int(np.argmax(shared[row]))
        if shared[row, best] >= HIT:
            which[row] = best
            shared[:, best] = -1
    return which
