"""The face model's recipe: alignment, mirror, folds, and a synthetic world in which the right
answer is known.
"""

import json

import numpy as np
import pytest

pytest.importorskip(
    "torch", reason="the action units' names come with the network, which needs torch"
)

from models.training.datasets.teacher_mesh import BLENDSHAPES, POINTS
from models.training.networks.behaviour import ACTION_UNITS, MIRROR_LANDMARKS, MIRROR_UNITS
from models.training.train import face_shape, face_shape_data, face_shape_model
from models.training.train.face_shape_data import Faces

MEAN = face_shape_data.align(
    np.random.default_rng(1).normal(size=(1, 68, 2))
    + np.where(np.isin(np.arange(68), range(42, 48)), 5, 0)[None, :, None] * [1, 0]
)[0]


def symmetric(face):
    return (face + face_shape_data.mirror(face[None])[0]) / 2


@pytest.fixture(scope="module")
def world():
    """Faces that follow their units exactly, but for a little noise; AU09 is never seen."""
    rng = np.random.default_rng(0)
    neutral = symmetric(MEAN)
    movement = rng.normal(0, 0.05, (len(ACTION_UNITS), 68, 2))
    movement = (movement + movement[MIRROR_UNITS][:, MIRROR_LANDMARKS] * [-1, 1]) / 2
    allowed = np.zeros((len(ACTION_UNITS), 68), bool)
    for points, names in face_shape_model.PARTS:
        follows = [unit[:4] in names for unit in ACTION_UNITS]
        allowed[np.ix_(follows, points)] = True
    movement[~allowed] = 0
    units = rng.random((400, len(ACTION_UNITS)))
    units[:, ACTION_UNITS.index("AU09")] = 0
    movement[ACTION_UNITS.index("AU09")] = 0
    landmarks = neutral + np.tensordot(units, movement, 1) + rng.normal(0, 1e-3, (400, 68, 2))
    return Faces(landmarks, units, np.arange(400) // 2), neutral, movement


class TestAlign:
    def faces(self):
        rng = np.random.default_rng(2)
        moved = np.broadcast_to(MEAN, (20, 68, 2)).copy()
        mouth = np.arange(48, 68)
        moved[:, mouth] += rng.normal(0, 0.3, (20, 20, 2))
        return moved

    def test_the_heads_place_size_and_tilt_are_taken_out(self):
        faces, rng = self.faces(), np.random.default_rng(3)
        angle, size = rng.uniform(-1, 1, 20), rng.uniform(20, 200, 20)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * size
        seen = np.einsum("ijn,npj->npi", turn, faces) + rng.normal(0, 50, (20, 1, 2))
        np.testing.assert_allclose(
            face_shape_data.align(seen), face_shape_data.align(faces), atol=1e-9
        )

    def test_only_the_fixed_points_count(self):
        laid = face_shape_data.align(self.faces())
        fixed = list(face_shape_data.FIXED)
        np.testing.assert_allclose(
            laid[:, fixed], np.broadcast_to(laid[0, fixed], (20, 9, 2)), atol=1e-9
        )
        assert laid[:, 57].std() > 0.1

    def test_eyes_of_the_mean_are_one_apart(self):
        mean = face_shape_data.align(self.faces()).mean(0)
        np.testing.assert_allclose(mean[36:42].mean(0), [-0.5, 0], atol=1e-9)
        np.testing.assert_allclose(mean[42:48].mean(0), [0.5, 0], atol=1e-9)


def test_nobody_is_in_two_folds(world):
    faces, *_ = world
    fold = face_shape_model.folds_of(faces.people)
    assert set(fold) == {0, 1, 2}
    for person in np.unique(faces.people):
        assert len(set(fold[faces.people == person])) == 1


def test_the_model_finds_what_made_the_world(world):
    faces, neutral, movement = world
    found_neutral, found_movement, drawn = face_shape_model.fit(faces, 34)
    seen = [i for i, u in enumerate(ACTION_UNITS) if u != "AU09"]
    np.testing.assert_allclose(found_neutral, neutral, atol=2e-3)
    np.testing.assert_allclose(found_movement[seen], movement[seen], atol=2e-3)
    assert drawn == ["AU09"]


def test_it_is_symmetric(world):
    faces, *_ = world
    neutral, movement, _ = face_shape_model.fit(faces, 10)
    np.testing.assert_allclose(neutral, symmetric(neutral), atol=1e-6)
    other = movement[MIRROR_UNITS][:, MIRROR_LANDMARKS] * [-1, 1]
    np.testing.assert_allclose(movement, other, atol=1e-6)


def test_fewer_components_are_those_of_a_smaller_fit(world):
    faces, *_ = world
    large = face_shape_model.Model(faces.landmarks, faces.units, 12).coefficients(4)
    small = face_shape_model.Model(faces.landmarks, faces.units, 4).coefficients(4)
    for a, b in zip(large, small, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)


def test_every_point_is_in_one_part():
    points = [point for part, _ in face_shape_model.PARTS for point in part]
    assert sorted(points) == list(range(68))


def test_points_follow_the_units_of_their_part_alone(world):
    faces, *_ = world
    _, movement, _ = face_shape_model.fit(faces, 10)
    moved = {unit[:4] for unit, m in zip(ACTION_UNITS, movement, strict=True) if m[:17].any()}
    assert moved == {"AU26"}
    free = face_shape_model.Model(faces.landmarks, faces.units, 10, restricted=False).coefficients(
        10
    )[1]
    assert free[ACTION_UNITS.index("AU12_L"), :17].all()


class TestFigures:
    def test_a_perfect_world_has_r2_of_one(self, world):
        faces, *_ = world
        figures = face_shape_model.cross_validate(faces, (2, 34))
        assert figures[34]["r2"] > 0.995
        assert figures[2]["r2"] < figures[34]["r2"]
        assert figures[34]["rms"] == pytest.approx(1e-3 * np.sqrt(2), abs=1e-3)

    def test_units_that_say_nothing_have_r2_of_nearly_zero(self, world):
        faces, *_ = world
        rng = np.random.default_rng(4)
        noise = Faces(faces.landmarks, rng.permutation(faces.units), faces.people)
        assert face_shape_model.cross_validate(noise, (1,))[1]["r2"] < 0.05

    def test_the_smaller_of_two_equals_is_taken(self):
        assert face_shape.choose({5: {"r2": 0.4}, 10: {"r2": 0.599}, 20: {"r2": 0.6}}) == 10


def test_the_nose_wrinkler_is_drawn_alike_on_both_sides():
    (moves,) = face_shape_model.drawn_movement().values()
    np.testing.assert_array_equal(moves, face_shape_data.mirror(moves[None])[0])
    assert moves[31, 1] < 0 < moves[21, 1]


def test_build_from_synthetic_caches(tmp_path, monkeypatch):
    monkeypatch.setenv("MIEN_CACHE", str(tmp_path))
    folder = tmp_path / "behaviour"
    folder.mkdir()
    rng, count = np.random.default_rng(5), 60
    canonical = rng.normal(0, 30, (POINTS, 3))
    mesh = canonical + rng.normal(0, 1, (count, POINTS, 3))
    turned = np.arange(count) % 10 == 9
    rotation = np.broadcast_to(np.eye(3), (count, 3, 3)).copy()
    c, s = np.cos(0.6), np.sin(0.6)
    rotation[turned] = [[c, 0, s], [0, 1, 0], [-s, 0, c]]
    names = np.array([f"set/person_{i // 2:03}/{i}.jpg" for i in range(count)])
    np.savez(
        folder / "labels-lfw.npz",
        names=names,
        found=np.arange(count) % 7 != 6,
        drop=np.zeros(count, bool),
        rotation=rotation,
        units=rng.random((count, len(ACTION_UNITS))).astype("f4"),
    )
    np.savez(
        folder / "teacher-lfw.npz",
        points=mesh.astype("f4"),
        shapes=np.zeros((count, len(BLENDSHAPES))),
    )
    made = face_shape.build(tmp_path / "model.npz", datasets=("lfw",))
    with np.load(tmp_path / "model.npz") as archive:
        assert archive["movement"].shape == (len(ACTION_UNITS), 68, 2)
        assert archive["neutral"].dtype == np.float32
        assert json.loads(str(archive["provenance"])) == made
    used = (np.arange(count) % 7 != 6) & ~turned
    assert made["faces"] == used.sum()
    assert made["people"] == len(set(np.arange(count)[used] // 2))


def test_no_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("MIEN_CACHE", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"models\.training\.datasets\.crops"):
        face_shape_data.load()
