"""INT8 and fp16 forms of small random networks, and the search for layers that 8 bits harm."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

onnx = pytest.importorskip("onnx", reason="quantization needs onnx")
ort = pytest.importorskip("onnxruntime", reason="quantization needs onnxruntime")
from onnx import TensorProto, helper, numpy_helper

from models.training.onnx.fp16 import convert_to_fp16, peak
from models.training.onnx.metadata import read_metadata, write_metadata
from models.training.onnx.quantized_input import take_bytes, takes_bytes, to_bytes
from models.training.onnx.sensitivity import Sensitivity, read_keep, search
from models.training.onnx.static_quantization import node_names, quantize

SIDE = 12


def write_network(path: Path, *, fragile: bool = False, stride: int = 1) -> Path:
    """Three convolutions with ReLU. In a fragile one the second has huge weights for channels that
    are nearly silent, so that its 8-bit steps are too coarse for the weights that matter.
    """
    random = np.random.default_rng(3)
    weights = [random.normal(0, 0.2, shape) for shape in ((8, 3, 3, 3), (8, 8, 3, 3), (4, 8, 1, 1))]
    if fragile:
        weights[0][:4] *= 1e-6
        weights[1][:, :4] *= 200.0
    nodes, tensors, previous = [], [], "input"
    for index, weight in enumerate(weights):
        tensors.append(numpy_helper.from_array(weight.astype(np.float32), f"w{index}"))
        pad = weight.shape[2] // 2
        output = "output" if index == 2 else f"c{index}"
        nodes.append(
            helper.make_node(
                "Conv",
                [previous, f"w{index}"],
                [output],
                f"conv{index}",
                kernel_shape=weight.shape[2:],
                pads=[pad] * 4,
                strides=[stride if index == 0 else 1] * 2,
            )
        )
        if index < 2:
            nodes.append(helper.make_node("Relu", [output], [f"r{index}"], f"relu{index}"))
            previous = f"r{index}"
    graph = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["batch", 3, SIDE, SIDE])],
        [
            helper.make_tensor_value_info(
                "output", TensorProto.FLOAT, ["batch", 4, SIDE // stride, SIDE // stride]
            )
        ],
        tensors,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
    write_metadata(path, {"mien.role": "behaviour", "mien.precision": "fp32"})
    return path


def batches(count: int = 4) -> list[np.ndarray]:
    random = np.random.default_rng(4)
    return [random.normal(0, 1, (8, 3, SIDE, SIDE)).astype(np.float32) for _ in range(count)]


def run(path: Path, tensor: np.ndarray) -> np.ndarray:
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return session.run(None, {"input": tensor})[0]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_network(tmp_path / "fp32.onnx")


@pytest.mark.parametrize("method", ["minmax", "percentile", "entropy"])
def test_int8_is_close_to_fp32_and_not_equal(source, tmp_path, method):
    target = tmp_path / "int8.onnx"
    quantize(source, target, batches(), method=method)
    wanted, got = (run(path, batches()[0]) for path in (source, target))
    assert 0 < np.abs(got - wanted).mean() < 0.05 * wanted.std()
    kinds = {node.op_type for node in onnx.load(str(target)).graph.node}
    assert {"QuantizeLinear", "DequantizeLinear"} <= kinds


def test_a_network_of_bytes_gives_the_same_bits(tmp_path):
    source = write_network(tmp_path / "fp32.onnx", stride=2)
    floats, taking_bytes = tmp_path / "int8.onnx", tmp_path / "bytes.onnx"
    quantize(source, floats, batches())
    take_bytes(floats, taking_bytes)
    keys = read_metadata(taking_bytes)
    assert takes_bytes(keys)
    assert not takes_bytes(read_metadata(floats))
    tensor = 1.2 * batches()[0]  # beyond the range of the bytes too
    bytes_ = to_bytes(tensor, keys)
    assert bytes_.dtype == np.uint8
    assert bytes_.shape == (8, SIDE // 2, SIDE // 2, 12)
    np.testing.assert_array_equal(run(taking_bytes, bytes_), run(floats, tensor))


def test_what_cannot_take_bytes_is_named(source, tmp_path):
    with pytest.raises(ValueError, match="wanted one QuantizeLinear"):
        take_bytes(source, tmp_path / "bytes.onnx")
    quantize(source, tmp_path / "int8.onnx", batches())
    with pytest.raises(ValueError, match="first convolution"):
        take_bytes(tmp_path / "int8.onnx", tmp_path / "bytes.onnx")


def test_weights_have_a_scale_per_channel(source, tmp_path):
    quantize(source, tmp_path / "int8.onnx", batches())
    tensors = {t.name: t for t in onnx.load(str(tmp_path / "int8.onnx")).graph.initializer}
    assert numpy_helper.to_array(tensors["w0_scale"]).shape == (8,)
    assert tensors["w0_quantized"].data_type == TensorProto.INT8


def test_with_every_layer_kept_nothing_changes(source, tmp_path):
    target = tmp_path / "int8.onnx"
    quantize(source, target, batches(), keep_float=node_names(source))
    np.testing.assert_array_equal(run(target, batches()[0]), run(source, batches()[0]))


def test_int8_rows_do_not_depend_on_their_batch(source, tmp_path):
    target = tmp_path / "int8.onnx"
    quantize(source, target, batches())
    tensor = batches()[0]
    alone = np.concatenate([run(target, tensor[i : i + 1]) for i in range(len(tensor))])
    np.testing.assert_array_equal(run(target, tensor), alone)


def test_metadata_are_carried_over_and_say_the_precision(source, tmp_path):
    quantize(source, tmp_path / "int8.onnx", batches())
    convert_to_fp16(source, tmp_path / "fp16.onnx")
    for precision in ("int8", "fp16"):
        found = read_metadata(tmp_path / f"{precision}.onnx")
        assert found["mien.role"] == "behaviour"
        assert found["mien.precision"] == precision


def test_a_layer_that_is_not_there_is_an_error(source, tmp_path):
    with pytest.raises(ValueError, match="'conv9'"):
        quantize(source, tmp_path / "int8.onnx", batches(), keep_float=["conv0", "conv9"])


@pytest.mark.parametrize(("option", "value"), [("method", "best"), ("activation", "int4")])
def test_an_unknown_option_is_an_error(source, tmp_path, option, value):
    with pytest.raises(ValueError, match=value):
        quantize(source, tmp_path / "int8.onnx", batches(), **{option: value})


def test_kept_ranges_stand_in_for_the_calibration_images(source, tmp_path):
    ranges, first, second = (tmp_path / n for n in ("ranges.json", "a.onnx", "b.onnx"))
    quantize(source, first, batches(), ranges=ranges)
    quantize(source, second, (), ranges=ranges)
    np.testing.assert_array_equal(run(first, batches()[0]), run(second, batches()[0]))


def test_fp16_keeps_float_ends_and_is_close(source, tmp_path):
    target = tmp_path / "fp16.onnx"
    convert_to_fp16(source, target)
    graph = onnx.load(str(target)).graph
    ends = [*graph.input, *graph.output]
    assert {e.type.tensor_type.elem_type for e in ends} == {TensorProto.FLOAT}
    assert {t.data_type for t in graph.initializer} == {TensorProto.FLOAT16}
    wanted, got = (run(path, batches()[0]) for path in (source, target))
    assert 0 < np.abs(got - wanted).max() < 0.01 * np.abs(wanted).max()


def test_fp16_keeps_the_nodes_it_is_told_to(source, tmp_path):
    """Two neighbours, the last one among them: nothing is rounded between them or at the end."""
    kept, halved = tmp_path / "kept.onnx", tmp_path / "halved.onnx"
    convert_to_fp16(source, kept, keep_float=["conv1", "relu1", "conv2"])
    convert_to_fp16(source, halved)
    kinds = [node.op_type for node in onnx.load(str(kept)).graph.node]
    assert kinds.count("Cast") == 2
    wanted, a, b = (run(path, batches()[0]) for path in (source, kept, halved))
    assert 0 < np.abs(a - wanted).mean() < np.abs(b - wanted).mean()
    with pytest.raises(ValueError, match="'conv9'"):
        convert_to_fp16(source, kept, keep_float=["conv9"])


def test_all_kept_in_fp32_changes_nothing_but_the_input(source, tmp_path):
    convert_to_fp16(source, tmp_path / "kept.onnx", keep_float=node_names(source))
    rounded = batches()[0].astype(np.float16).astype(np.float32)
    np.testing.assert_array_equal(run(tmp_path / "kept.onnx", rounded), run(source, rounded))


def test_values_too_large_for_fp16_are_an_error(source, tmp_path):
    convert_to_fp16(source, tmp_path / "fp16.onnx", batches=batches())
    inside = peak(source, batches())
    assert inside >= max(np.abs(run(source, batch)).max() for batch in batches()) > 0
    with pytest.raises(ValueError, match="wanted values below 4094 inside the network"):
        convert_to_fp16(
            source, tmp_path / "fp16.onnx", batches=[1e6 * batch for batch in batches()]
        )
    assert peak(source, ()) == 0


def _search(source: Path, scratch: Path, limit: float, **options) -> Sensitivity:
    tensor = batches()[0]
    wanted = run(source, tensor)

    def write(keep, target) -> None:
        quantize(source, target, batches(), keep_float=keep, ranges=scratch / "ranges.json")

    def change(path: Path) -> dict[str, float]:
        return {"output": float(np.abs(run(path, tensor) - wanted).mean() / wanted.std())}

    return search(
        node_names(source, "Conv"),
        write,
        change,
        lambda path: {"output": change(path)["output"] / limit},
        **options,
    )


def test_search_finds_the_fragile_layer(tmp_path):
    source = write_network(tmp_path / "fp32.onnx", fragile=True)
    found = _search(source, tmp_path, limit=0.05)
    changes = {layer: metrics["output"] for layer, metrics in found.alone.items()}
    assert set(changes) == {"conv0", "conv1", "conv2"}
    assert changes["conv1"] > 5 * max(changes["conv0"], changes["conv2"])
    assert found.keep == ["conv1"]
    assert [step["kept"] for step in found.steps] == [[], ["conv1"]]
    assert found.steps[0]["losses"]["output"] > 1 >= found.steps[1]["losses"]["output"]


def test_search_leaves_all_in_8_bits_where_the_limit_holds(source, tmp_path):
    found = _search(source, tmp_path, limit=0.5)
    assert found.keep == []
    assert len(found.steps) == 1


def test_search_ends_with_all_in_fp32_where_no_limit_holds(source, tmp_path):
    found = _search(source, tmp_path, limit=1e-12, always=["conv1"])
    assert found.keep[0] == "conv1"
    assert set(found.keep) == {"conv0", "conv1", "conv2"}


def test_a_record_says_what_to_keep(tmp_path):
    path = tmp_path / "record.json"
    path.write_text(json.dumps({"keep": ["conv2"], "steps": []}))
    assert read_keep(path) == ["conv2"]
