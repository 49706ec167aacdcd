"""Du et al.'s relations: the table, labels made of it, and the agreement of two answers."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training parts need torch")

from models.training.losses.relations import (
    RELATIONS,
    co_annotate,
    distribution_matching,
    distribution_matching_as_published,
    expression_from_units,
    relation_matrix,
)
from models.training.networks.behaviour import ACTION_UNITS, EXPRESSIONS

# Two expressions and a neutral one over three units, small enough for pencil and paper.
SMALL = torch.tensor([[1.0, 0.5, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]])


def test_the_table_says_what_the_paper_says():
    assert RELATIONS["happiness"] == {12: 1.0, 25: 1.0, 6: 0.51}
    assert RELATIONS["sadness"] == {4: 1.0, 15: 1.0, 1: 0.60, 6: 0.50, 11: 0.26, 17: 0.67}
    assert RELATIONS["fear"] == {1: 1.0, 4: 1.0, 20: 1.0, 25: 1.0, 2: 0.57, 5: 0.63, 26: 0.33}
    assert RELATIONS["anger"] == {4: 1.0, 7: 1.0, 24: 1.0, 10: 0.26, 17: 0.52, 23: 0.29}
    assert RELATIONS["surprise"] == {1: 1.0, 2: 1.0, 25: 1.0, 26: 1.0, 5: 0.66}
    assert RELATIONS["disgust"] == {9: 1.0, 10: 1.0, 17: 1.0, 4: 0.31, 24: 0.26}


def test_matrix_has_a_row_per_expression_and_gives_both_sides_the_same():
    matrix = relation_matrix(EXPRESSIONS, ACTION_UNITS)
    assert matrix.shape == (len(EXPRESSIONS), len(ACTION_UNITS))
    happy = dict(zip(ACTION_UNITS, matrix[EXPRESSIONS.index("happiness")], strict=True))
    assert {u for u, p in happy.items() if p} == {"AU06_L", "AU06_R", "AU12_L", "AU12_R", "AU25"}
    assert happy["AU06_L"] == happy["AU06_R"] == pytest.approx(0.51)
    assert not matrix[EXPRESSIONS.index("neutral")].any()


def test_co_annotation_mixes_the_teacher_with_what_the_expression_lets_expect():
    teacher = np.array([[0.2, 0.4, 0.0]])
    expression = np.array([[0.5, 0.25, 0.25]])  # expects 0.5, 0.25, 0.25
    share = np.array([0.0, 0.5, 1.0])
    mixed = co_annotate(teacher, expression, SMALL.numpy(), share)
    np.testing.assert_allclose(mixed, [[0.2, 0.325, 0.25]])


def test_soft_co_annotation_weighs_an_expression_by_its_units():
    units = torch.tensor([[0.9, 0.3, 0.2]])
    # (0.9 * 1 + 0.3 * 0.5) / 1.5 = 0.7; 0.2 / 1; neutral: what the strongest leaves, 0.3
    scores = np.exp([0.7, 0.2, 0.3])
    got = expression_from_units(units, SMALL)
    np.testing.assert_allclose(got.numpy(), [scores / scores.sum()], rtol=1e-6)


def test_distribution_matching_is_the_cross_entropy_of_the_two_answers():
    expression = torch.log(torch.tensor([[0.5, 0.25, 0.25]]))  # expects 0.5, 0.25, 0.25
    said = np.array([0.8, 0.25, 0.1])
    units = torch.logit(torch.from_numpy(said[None]).float())
    q = np.array([0.5, 0.25, 0.25])
    wanted = -q * np.log(said) - (1 - q) * np.log(1 - said)
    got = distribution_matching(units, expression, SMALL)
    np.testing.assert_allclose(got.numpy(), [wanted], rtol=1e-5)


def test_distribution_matching_in_the_papers_own_form():
    expression = torch.log(torch.tensor([[0.5, 0.25, 0.25]]))  # expects 0.5, 0.25, 0.25
    said = np.array([0.8, 0.25, 0.1])
    units = torch.logit(torch.from_numpy(said[None]).float())
    wanted = -said * np.log([0.5, 0.25, 0.25])
    got = distribution_matching_as_published(units, expression, SMALL)
    np.testing.assert_allclose(got.numpy(), [wanted], rtol=1e-5)


def test_distribution_matching_pulls_units_to_the_expression():
    expression = torch.tensor([[20.0, 0.0, 0.0]])  # surely the first: 1, 0.5, 0
    units = torch.zeros(1, 3, requires_grad=True)
    optimizer = torch.optim.Adam([units], 0.1)
    for _ in range(300):
        optimizer.zero_grad()
        distribution_matching(units, expression, SMALL).sum().backward()
        optimizer.step()
    np.testing.assert_allclose(torch.sigmoid(units.detach()).numpy(), [[1, 0.5, 0]], atol=0.02)
