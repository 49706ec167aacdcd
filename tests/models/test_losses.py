"""Losses against values worked out by hand, and what a missing label may do: nothing."""

from __future__ import annotations

import math

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training parts need torch")

from models.training.losses.affect import affect_loss, ccc_loss, correlation, error_loss, pcc_loss
from models.training.losses.behaviour import WEIGHTS, behaviour_losses, total
from models.training.losses.classification import (
    binary_cross_entropy,
    binary_divergence,
    cross_entropy,
)
from models.training.losses.distillation import distillation_losses, kl_distillation, mix
from models.training.losses.landmarks import wing
from models.training.losses.masked import known, masked_mean
from models.training.networks.behaviour import HEADS, WIDTHS

MATCHED = torch.ones(WIDTHS["action_units"], dtype=torch.bool)
# Valence is off by one throughout, arousal exact: CCC 4/7 and 1, PCC 1 and 1.
SAID = torch.tensor([[1.0, 0.1], [2.0, 0.5], [3.0, 0.2]])
TOLD = torch.tensor([[2.0, 0.1], [3.0, 0.5], [4.0, 0.2]])
ALL = torch.ones(3)


def batch(count: int, seed: int = 0) -> tuple[dict, dict]:
    """Raw outputs that want a gradient, and targets."""
    generator = torch.Generator().manual_seed(seed)
    raw = {h: torch.randn(count, w, generator=generator) for h, w in WIDTHS.items()}
    targets = {h: torch.rand(count, w, generator=generator) for h, w in WIDTHS.items()}
    targets["expression"] /= targets["expression"].sum(1, keepdim=True)
    return {h: x.requires_grad_() for h, x in raw.items()}, targets


def test_cross_entropy_of_a_soft_label():
    got = cross_entropy(torch.tensor([[0.0, math.log(3)]]), torch.tensor([[0.25, 0.75]]))
    assert got.tolist() == pytest.approx([0.5623351])  # the entropy of (1/4, 3/4)
    hard = cross_entropy(torch.zeros(1, 7), torch.eye(7)[:1])
    assert hard.tolist() == pytest.approx([math.log(7)])


def test_binary_cross_entropy_and_its_excess_over_the_labels_entropy():
    logits, label = torch.zeros(1, 1), torch.tensor([[0.3]])
    assert binary_cross_entropy(logits, label).item() == pytest.approx(math.log(2))
    assert binary_divergence(logits, label).item() == pytest.approx(0.0822828, abs=1e-6)
    assert binary_divergence(torch.logit(label), label).item() == pytest.approx(0, abs=1e-6)


def test_affect_losses_of_an_offset():
    assert ccc_loss(SAID, TOLD, ALL).item() == pytest.approx(1 - 0.5 * (4 / 7 + 1))
    assert pcc_loss(SAID, TOLD, ALL).item() == pytest.approx(0, abs=1e-6)
    assert error_loss(SAID, TOLD, ALL, "mse").item() == pytest.approx(0.5)
    assert error_loss(2 * SAID, 2 * TOLD, ALL, "mse").item() == pytest.approx(2.0)
    assert error_loss(2 * SAID, 2 * TOLD, ALL, "rmse").item() == pytest.approx(1.0, abs=1e-3)
    # Weights 1, 1, 2 become 1/4, 1/4, 1/2: 0.5 / 4 + 0 / 4 + (3/14) / 2.
    shaken = affect_loss(SAID, TOLD, ALL, torch.tensor([1.0, 1.0, 2.0]), "mse")
    assert shaken.item() == pytest.approx(0.125 + 3 / 28, abs=1e-6)
    with pytest.raises(ValueError, match="wanted one of"):
        error_loss(SAID, TOLD, ALL, "mae")


def test_correlation_agrees_with_numpy():
    a, b = np.random.default_rng(0).normal(0, 1, (2, 30))
    got = correlation(torch.from_numpy(a), torch.from_numpy(b), torch.ones(30))
    assert float(got) == pytest.approx(np.corrcoef(a, b)[0, 1], abs=1e-6)


def test_distillation_by_kl_with_a_temperature():
    teacher, student = torch.tensor([[0.0, math.log(9)]]), torch.zeros(1, 2)
    # At temperature 2: (1/4, 3/4) against (1/2, 1/2), times 2 squared.
    wanted = 4 * (0.25 * math.log(0.5) + 0.75 * math.log(1.5))
    assert kl_distillation(student, teacher, 2.0).tolist() == pytest.approx([wanted])
    assert kl_distillation(teacher, teacher, 2.0).item() == pytest.approx(0, abs=1e-6)
    with pytest.raises(ValueError, match="more than 0"):
        kl_distillation(student, teacher, 0.0)


def test_distillation_of_all_heads_is_zero_at_the_teacher_and_gives_it_no_gradient():
    student, _ = batch(3, seed=1)
    teacher, _ = batch(3, seed=2)
    perfect = distillation_losses(student, student, 2.0)
    assert sum(loss.item() for loss in perfect.values()) == pytest.approx(0, abs=1e-5)
    losses = distillation_losses(student, teacher, 2.0)
    assert set(losses) == set(WIDTHS)
    sum(losses.values()).backward()
    assert all(x.grad is None for x in teacher.values())
    assert all(x.grad.abs().sum() > 0 for x in student.values())
    expected = (torch.tanh(student["affect"]) - torch.tanh(teacher["affect"])).square().mean()
    assert losses["affect"].item() == pytest.approx(expected.item())


def test_labels_and_teacher_share_the_loss():
    one, two = torch.tensor(1.0), torch.tensor(2.0)
    mixed = mix({"pose": one, "matching": one}, {"pose": two}, 0.25)
    assert float(mixed["pose"]) == 1.25
    assert float(mixed["matching"]) == 1.0


def test_wing_by_hand():
    # Below the width: 0.25 ln 2 / ln 6; above it: the error itself.
    got = wing(torch.tensor([0.0, 0.05, -1.0]))
    assert got.tolist() == pytest.approx([0.0, 0.25 * math.log(2) / math.log(6), 1.0])


def test_total_is_the_weighted_sum():
    losses = {head: torch.tensor(float(i)) for i, head in enumerate(WEIGHTS)}
    wanted = sum(i * WEIGHTS[head] for i, head in enumerate(WEIGHTS))
    assert float(total(losses)) == pytest.approx(wanted)


def test_masked_mean_weighs_and_is_zero_without_labels():
    loss = torch.tensor([1.0, 3.0, 100.0])
    assert float(masked_mean(loss, torch.tensor([1.0, 0.5, 0.0]))) == pytest.approx(2.5 / 1.5)
    assert float(masked_mean(loss, torch.zeros(3))) == 0
    nan = torch.full((2, 2), torch.nan)
    assert torch.equal(known(nan, torch.zeros(2)), torch.zeros(2, 2))


@pytest.mark.parametrize("head", [head.name for head in HEADS])
@pytest.mark.parametrize("left_out", [(1, 3), (0, 1, 2, 3)], ids=["some", "all"])
def test_a_sample_without_a_label_has_exactly_no_gradient(head, left_out):
    raw, targets = batch(4)
    mask = torch.ones(4)
    mask[list(left_out)] = 0
    targets[head][list(left_out)] = torch.nan
    masks = {h: mask if h == head else torch.ones(4) for h in WIDTHS}
    losses = behaviour_losses(raw, targets, masks, MATCHED)
    losses[head].backward()
    slopes = raw[head].grad.abs().sum(1)
    assert all(float(slopes[i]) == 0 for i in left_out)
    assert all(float(slopes[i]) > 0 for i in range(4) if i not in left_out)


def test_a_unit_without_a_label_has_exactly_no_gradient():
    raw, targets = batch(2)
    masks = {h: torch.ones(2) for h in WIDTHS}
    masks["action_units"] = torch.ones(2, WIDTHS["action_units"])
    masks["action_units"][0, 5] = 0
    targets["action_units"][0, 5] = torch.nan
    behaviour_losses(raw, targets, masks, MATCHED)["action_units"].backward()
    slopes = raw["action_units"].grad
    assert float(slopes[0, 5]) == 0
    assert float(slopes[1, 5].abs()) > 0


def test_shares_of_the_affect_loss_are_drawn_when_not_given():
    raw, targets = batch(8)
    masks = {h: torch.ones(8) for h in WIDTHS}
    torch.manual_seed(3)
    drawn = behaviour_losses(raw, targets, masks, MATCHED)["affect"].item()
    torch.manual_seed(3)
    shares = torch.rand(3)
    given = behaviour_losses(raw, targets, masks, MATCHED, shares)["affect"].item()
    assert drawn == given
    other = torch.tensor([1.0, 0.0, 0.0])
    assert behaviour_losses(raw, targets, masks, MATCHED, other)["affect"].item() != given
