"""Losses of face localization, on values worked out by hand."""

from __future__ import annotations

import math

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from models.training.losses.multibox import assign, multibox_loss
from models.training.losses.retinaface import (
    Matches,
    hard_negatives,
    match_priors,
    retinaface_loss,
)

NAN = float("nan")
# Three priors of side 10 side by side, and one of side 20 that covers the first two's upper part.
PRIORS = torch.tensor([[5.0, 5, 10], [15, 5, 10], [25, 5, 10], [10, 10, 20]])


def face(state: float, x0: float, y0: float, x1: float, y1: float, point: float = 5.0) -> list:
    return [state, x0, y0, x1, y1, *[point] * 10, 1.0]


def test_priors_take_the_face_they_overlap_most() -> None:
    # IoU with the face: 0.8, 0, 0, 80/400 = 0.2.
    matches = match_priors(PRIORS, torch.tensor([[face(1, 0, 0, 10, 8)]]))
    assert matches.state.tolist() == [[1, 0, 0, 0]]
    # Centre (5, 4) over 0.1 * 10; height 8 of 10 in logarithms over 0.2.
    wanted = [0.0, -1.0, 0.0, math.log(0.8) / 0.2]
    torch.testing.assert_close(matches.boxes[0, 0], torch.tensor(wanted))
    torch.testing.assert_close(matches.points[0, 0], torch.zeros(10))


def test_between_the_thresholds_priors_learn_nothing() -> None:
    # IoU 0.4 (10 x 4 of 10 x 10) lies between 0.3 and 0.5, but the only prior near must have it.
    faces = torch.tensor([[face(1, 0, 0, 10, 10), face(1, 10, 0, 20, 4)]])
    assert match_priors(PRIORS[:2], faces).state.tolist() == [[1, 1]]
    # The other priors are free: 20 x 20 over the first face, IoU 100/400 = 0.25, is background.
    assert match_priors(PRIORS, faces).state.tolist() == [[1, 1, 0, 0]]
    wide = torch.tensor([[face(1, 0, 0, 10, 10), face(1, 0, 0, 20, 10)]])
    # The large prior overlaps the wide face by 200/400, no more than the first prior's 1 with its
    # own and the second's 100/200 = 0.5: the best of the wide face is the earliest of these.
    assert match_priors(PRIORS, wide).state[0, [0, 2]].tolist() == [1, 0]


def test_doubtful_faces_are_neither_face_nor_background() -> None:
    faces = torch.tensor([[face(0, 0, 0, 10, 10), face(-1, 20, 0, 30, 10)]])
    assert match_priors(PRIORS, faces).state.tolist() == [[-1, 0, 0, 0]]


def test_every_face_has_a_prior() -> None:
    tiny = torch.tensor([[face(1, 23, 3, 25, 5)], [face(-1, 0, 0, 0, 0)]])
    assert match_priors(PRIORS, tiny).state.tolist() == [[0, 0, 1, 0], [0, 0, 0, 0]]


def test_hard_negatives_are_the_largest_losses_of_the_background() -> None:
    losses = torch.tensor([[0.1, 9.0, 0.5, 0.7], [0.6, 8.0, 0.2, 0.3]])
    state = torch.tensor([[1, -1, 0, 0], [0, -1, 0, 0]])
    chosen = hard_negatives(losses, state, ratio=3)
    assert chosen.tolist() == [[False, False, True, True], [True, False, False, False]]
    # The second image has no face, and gives its hardest all the same; no more than there are.
    assert int(hard_negatives(losses, state, ratio=7).sum()) == 5
    assert hard_negatives(losses, torch.full_like(state, -1), ratio=3).sum() == 0


def test_retinaface_loss_by_hand() -> None:
    scores = torch.tensor([[0.0, math.log(3), -10.0]])  # probabilities 1/2, 3/4, nearly 0
    boxes, points = torch.zeros(1, 3, 4), torch.zeros(1, 3, 10)
    boxes[0, 0] = torch.tensor([0.5, 2.0, 0.0, 0.0])
    points[0, 0, 0] = 3.0
    matches = Matches(torch.tensor([[1, 0, 0]]), torch.zeros(1, 3, 4), torch.zeros(1, 3, 10))
    loss, parts = retinaface_loss((scores, boxes, points), matches, ratio=1)
    assert parts["score"] == pytest.approx(math.log(2) + math.log(4), abs=1e-6)
    assert parts["box"] == pytest.approx(0.25 * (0.125 + 1.5))  # smooth L1 of 0.5 and of 2
    assert parts["points"] == pytest.approx(0.1 * 2.5)
    assert float(loss) == pytest.approx(sum(parts.values()))


def test_faces_without_points_learn_class_and_box() -> None:
    for faces in ([face(1, 0, 0, 10, 9, NAN)], [face(1, 0, 0, 10, 9, NAN), face(1, 20, 0, 30, 10)]):
        batch = torch.tensor([faces])
        said = [
            torch.full(shape, 0.1, requires_grad=True) for shape in ((1, 4), (1, 4, 4), (1, 4, 10))
        ]
        for loss, _ in (
            retinaface_loss(tuple(said), match_priors(PRIORS, batch)),
            multibox_loss(tuple(said), assign(PRIORS, batch), PRIORS),
        ):
            grads = torch.autograd.grad(loss, said, allow_unused=True)
            assert torch.isfinite(loss)
            assert all(g is None or torch.isfinite(g).all() for g in grads)
            assert grads[1].abs().sum() > 0


def test_loss_without_any_face_comes_from_background_alone() -> None:
    said = (torch.zeros(2, 4, requires_grad=True), torch.zeros(2, 4, 4), torch.zeros(2, 4, 10))
    matches = match_priors(PRIORS, torch.full((2, 1, 16), -1.0))
    loss, parts = retinaface_loss(said, matches, ratio=3)
    assert parts == pytest.approx({"score": 3 * math.log(2), "box": 0.0, "points": 0.0})
    loss.backward()
    assert int((said[0].grad > 0).sum()) == 3


def test_soft_scores_rise_with_the_share_of_the_best_iou() -> None:
    # IoU with the face: 0.5 / 1 / 0 of prior 0, 1, 2 and 100/400 of the large one.
    faces = torch.tensor([[face(1, 10, 0, 20, 10)]])
    priors = torch.tensor([[13.0, 5, 10], [15, 5, 10], [30, 5, 10], [10, 10, 20]])
    score = assign(priors, faces).score[0]
    near = (80 / 120 - 0.4) / 0.4  # IoU 0.667 of the best's 1
    torch.testing.assert_close(score, torch.tensor([near, 1.0, 0.0, 0.0]))
