"""The core's way of running networks against ONNX Runtime's own Python package, in the same
process.

The two load the library twice: the wheel's extension module brings its own copy.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from steps_extension import require_steps

from mien import _core
from mien._engine.runtime_library import find_runtime_library, use_runtime_library
from mien.errors import OptionError, PackError, ProviderError

steps = require_steps()

ROOT = Path(__file__).parents[3]
MODELS = ROOT / "tests" / "data" / "models"
PACK = ROOT / "models" / "packs" / "default"

TINY = {
    "behaviour": (3, 16, 16),
    "behaviour_bytes": (8, 8, 12),
    "conv_int8": (1, 9, 13),
    "half_inside": (3, 5, 7),
    "localization": (3, 48, 32),
    "two_outputs": (3, 6, 10),
}
SHIPPED = {"behaviour": (56, 56, 12), "localization": (3, 192, 320)}
SHIPPED |= {"behaviour.fp16": (3, 112, 112), "localization.fp16": (3, 192, 320)}
NETWORKS = [pytest.param(MODELS / f"{name}.onnx", shape, id=name) for name, shape in TINY.items()]
NETWORKS += [
    pytest.param(
        PACK / f"{name}.onnx",
        shape,
        id=f"pack-{name}",
        marks=pytest.mark.skipif(
            not (PACK / f"{name}.onnx").exists(), reason=f"no {name}.onnx in {PACK}"
        ),
    )
    for name, shape in SHIPPED.items()
]


@pytest.fixture(autouse=True, scope="module")
def _library() -> None:
    use_runtime_library()
    if not os.environ.get("MIEN_ONNXRUNTIME"):
        steps.set_runtime_library(str(find_runtime_library()))


def reference(path: Path, tensor: np.ndarray) -> dict[str, np.ndarray]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, {session.get_inputs()[0].name: tensor}), strict=True))


def pixels(shape: tuple[int, ...], seed: int = 0) -> np.ndarray:
    """Normalized noise with large patches, so that nothing saturates everywhere."""
    rng = np.random.default_rng(seed)
    coarse = rng.normal(size=(*shape[:-2], -(-shape[-2] // 4), -(-shape[-1] // 4)))
    fine = np.repeat(np.repeat(coarse, 4, axis=-2), 4, axis=-1)[..., : shape[-2], : shape[-1]]
    return np.ascontiguousarray(fine + 0.2 * rng.normal(size=shape), np.float32)


def network_input(path: Path, shape: tuple[int, ...], batch: int, seed: int = 0) -> np.ndarray:
    """Noise as the network takes it, in floats or in bytes."""
    floats = pixels((batch, *shape), seed)
    takes = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"]).get_inputs()[0]
    if takes.type != "tensor(uint8)":
        return floats
    return np.clip(np.rint(60 * floats + 128), 0, 255).astype(np.uint8)


@pytest.mark.parametrize(("path", "shape"), NETWORKS)
@pytest.mark.parametrize("batch", [1, 3])
def test_same_bits_as_the_python_package(path: Path, shape: tuple[int, ...], batch: int) -> None:
    tensor = network_input(path, shape, batch)
    ours, theirs = steps.run_network(str(path), tensor), reference(path, tensor)
    assert list(ours) == list(theirs)
    for name, values in theirs.items():
        assert ours[name].dtype == np.float32
        np.testing.assert_array_equal(ours[name], values, err_msg=name)
        assert np.unique(values).size > 1, f"{name} says nothing"


@pytest.mark.parametrize(("path", "shape"), NETWORKS)
def test_rows_do_not_depend_on_the_batch(path: Path, shape: tuple[int, ...]) -> None:
    tensor = network_input(path, shape, 16, seed=1)
    together = steps.run_network(str(path), tensor)
    for i in range(16):
        alone = steps.run_network(str(path), tensor[i : i + 1])
        for name, values in together.items():
            np.testing.assert_array_equal(alone[name][0], values[i], err_msg=f"{name}, row {i}")


def test_two_copies_of_the_library_live_in_one_process() -> None:
    path = MODELS / "two_outputs.onnx"
    theirs = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    for seed in range(20):
        tensor = pixels((2, 3, 4, 4), seed)
        mean, scaled = theirs.run(["mean", "scaled"], {"input": tensor})
        ours = steps.run_network(str(path), tensor)
        np.testing.assert_array_equal(ours["mean"], mean)
        np.testing.assert_array_equal(ours["scaled"], scaled)


def test_info_names_library_and_providers() -> None:
    info = _core.runtime_info()
    assert Path(info["path"]).is_file()
    assert info["version"] == onnxruntime.__version__
    assert info["providers"][0] == "cpu"
    assert _core.choose_provider("auto") in info["providers"]


def test_asking_for_what_is_not_there_is_an_error() -> None:
    missing = {"cuda", "tensorrt"} - set(_core.runtime_info()["providers"])
    for provider in missing:
        with pytest.raises(ProviderError, match=f"'{provider}'.*offers cpu"):
            _core.choose_provider(provider)
        with pytest.raises(ProviderError, match=f"'{provider}'"):
            steps.run_network(str(MODELS / "two_outputs.onnx"), pixels((1, 3, 4, 4)), provider)
    with pytest.raises(ProviderError, match="got 'npu'"):
        _core.choose_provider("npu")
    with pytest.raises(ProviderError, match="already"):
        _core.set_runtime_library("/other/libonnxruntime.so")
    with pytest.raises(PackError, match="no such file"):
        steps.run_network(str(MODELS / "missing.onnx"), pixels((1, 3, 4, 4)))
    with pytest.raises(PackError, match=r"fits \(\?, 3, \?, \?\), got \(1, 2, 4, 4\)"):
        steps.run_network(str(MODELS / "two_outputs.onnx"), pixels((1, 2, 4, 4)))


def test_only_float32_input_is_taken() -> None:
    for wrong in (np.zeros((1, 3, 4, 4)), np.zeros((1, 3, 4, 8), np.float32)[..., ::2]):
        with pytest.raises(TypeError, match="incompatible"):
            steps.run_network(str(MODELS / "two_outputs.onnx"), wrong)


def test_model_info_is_what_the_file_says() -> None:
    info = steps.read_model_info(str(MODELS / "localization.onnx"), "localization")
    assert info["name"] == "tiny-localization"
    assert info["license"] == "Apache-2.0"
    assert (info["max_side"], info["multiple"]) == (64, 16)
    assert info["strides"] == [8, 16]
    assert info["min_sizes"] == [[16, 32], [64]]
    assert info["mean"] == [127.5] * 3
    assert info["std"] == [128] * 3
    assert info["inputs"] == [{"name": "input", "type": "float32", "shape": (None, 3, None, None)}]
    assert [output["name"] for output in info["outputs"]] == ["scores", "boxes", "points"]
    info = steps.read_model_info(str(MODELS / "behaviour.onnx"), "behaviour")
    assert info["size"] == 16
    assert info["template"][3] == (6.5, 10.5)
    assert info["heads"]["pose"] == {
        "columns": ["Pitch", "Roll", "Yaw"],
        "activation": "tanh",
        "scale": 1.5,
        "offset": -0.25,
        "unit": "rad",
        "range": "",
    }
    assert info["metadata"]["mien.heads"] == "expression,pose"
    with pytest.raises(PackError, match=r"mien\.role: wanted 'behaviour', got 'localization'"):
        steps.read_model_info(str(MODELS / "localization.onnx"), "behaviour")
    with pytest.raises(OptionError, match="got 'detector'"):
        steps.read_model_info(str(MODELS / "localization.onnx"), "detector")


@pytest.mark.parametrize("role", ["behaviour", "localization"])
def test_shipped_networks_describe_themselves(role: str) -> None:
    path = PACK / f"{role}.onnx"
    if not path.exists():
        pytest.skip(f"no {path.name} in {PACK}")
    info = steps.read_model_info(str(path), role)
    assert info["name"]
    assert info["license"]
