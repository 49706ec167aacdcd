"""Writes the tiny networks in tests/data/models, which the tests of infer/ run.

Needs the package ``onnx``: ``python tests/cpp/infer/make_models.py``. Weights are small integers
times powers of two, so the tests know the exact results.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FOLDER = Path(__file__).resolve().parents[2] / "data" / "models"
FLOAT, HALF, INT64 = TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.INT64
Shape = Sequence[int | str]

COMMON = {
    "mien.format": "1",
    "mien.version": "0.1",
    "mien.license": "Apache-2.0",
    "mien.input.name": "input",
    "mien.input.color": "rgb",
    "mien.input.mean": "127.5,127.5,127.5",
    "mien.input.std": "128,128,128",
    "mien.input.border": "114",
}


def tensor(name: str, values: np.ndarray) -> onnx.TensorProto:
    return numpy_helper.from_array(values, name)


def value(name: str, shape: Shape, kind: int = FLOAT) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, list(shape))


def save(
    name: str,
    nodes: Sequence[onnx.NodeProto],
    inputs: Sequence[onnx.ValueInfoProto],
    outputs: Sequence[onnx.ValueInfoProto],
    weights: Sequence[onnx.TensorProto] = (),
    metadata: Mapping[str, str] | None = None,
) -> None:
    graph = helper.make_graph(nodes, name, inputs, outputs, weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, dict(metadata or {}))
    onnx.checker.check_model(model, full_check=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{name}.onnx"
    onnx.save(model, path)
    assert path.stat().st_size < 4096, f"{path}: {path.stat().st_size} bytes"


def two_outputs() -> None:
    """mean = mean over rows and columns, (N, 3); scaled = 2 * input + 1, of the input's shape."""
    save(
        "two_outputs",
        [
            helper.make_node("ReduceMean", ["input"], ["mean"], axes=[2, 3], keepdims=0),
            helper.make_node("Mul", ["input", "two"], ["doubled"]),
            helper.make_node("Add", ["doubled", "one"], ["scaled"]),
        ],
        [value("input", ["n", 3, "h", "w"])],
        [value("mean", ["n", 3]), value("scaled", ["n", 3, "h", "w"])],
        [tensor("two", np.float32(2)), tensor("one", np.float32(1))],
        {"mien.name": "two_outputs", "text": "a, b; c=d é", "empty": ""},
    )


def conv_int8() -> None:
    """A 3x3 convolution as INT8 QDQ: uint8 activations, int8 weights with one scale per channel."""
    weight = np.array(
        [[1, -2, 3, -4, 5, -6, 7, -8, 9], [127, 0, -128, 0, 1, 0, -1, 0, 64]], np.int8
    )
    weights = [
        tensor("x_scale", np.float32(0.5)),
        tensor("x_zero", np.uint8(10)),
        tensor("w", weight.reshape(2, 1, 3, 3)),
        tensor("w_scale", np.float32([0.25, 0.125])),
        tensor("w_zero", np.zeros(2, np.int8)),
        tensor("b", np.int32([16, -40])),
        tensor("b_scale", np.float32([0.125, 0.0625])),
        tensor("b_zero", np.zeros(2, np.int32)),
        tensor("y_scale", np.float32(8)),
        tensor("y_zero", np.uint8(100)),
    ]
    nodes = [
        helper.make_node("QuantizeLinear", ["input", "x_scale", "x_zero"], ["xq"]),
        helper.make_node("DequantizeLinear", ["xq", "x_scale", "x_zero"], ["xd"]),
        helper.make_node("DequantizeLinear", ["w", "w_scale", "w_zero"], ["wd"], axis=0),
        helper.make_node("DequantizeLinear", ["b", "b_scale", "b_zero"], ["bd"], axis=0),
        helper.make_node("Conv", ["xd", "wd", "bd"], ["y"], kernel_shape=[3, 3]),
        helper.make_node("QuantizeLinear", ["y", "y_scale", "y_zero"], ["yq"]),
        helper.make_node("DequantizeLinear", ["yq", "y_scale", "y_zero"], ["output"]),
    ]
    save("conv_int8", nodes, [value("input", ["n", 1, "h", "w"])],
         [value("output", ["n", 2, "h2", "w2"])], weights)  # fmt: skip


def half_inside() -> None:
    """float32 in and out, a 1x1 convolution in float16 between: y0 = x0 + 2 x1, y1 = x2 / 2."""
    weight = np.array([[1, 2, 0], [0, 0, 0.5]], np.float16).reshape(2, 3, 1, 1)
    nodes = [
        helper.make_node("Cast", ["input"], ["x"], to=HALF),
        helper.make_node("Conv", ["x", "w"], ["y"], kernel_shape=[1, 1]),
        helper.make_node("Cast", ["y"], ["output"], to=FLOAT),
    ]
    save("half_inside", nodes, [value("input", ["n", 3, "h", "w"])],
         [value("output", ["n", 2, "h", "w"])], [tensor("w", weight)])  # fmt: skip


def awkward_types() -> None:
    """What a Binding refuses: two inputs, a half input, an integer output, a fixed output width."""
    add = helper.make_node("Add", ["a", "b"], ["output"])
    save(
        "two_inputs",
        [add],
        [value("a", ["n", 2]), value("b", ["n", 2])],
        [value("output", ["n", 2])],
    )
    cast = helper.make_node("Cast", ["input"], ["output"], to=FLOAT)
    save("half_input", [cast], [value("input", ["n", 2], HALF)], [value("output", ["n", 2])])
    top = helper.make_node("ArgMax", ["input"], ["output"], axis=1, keepdims=0)
    save("integer_output", [top], [value("input", ["n", 2])], [value("output", ["n"], INT64)])
    fold = helper.make_node("Reshape", ["input", "shape"], ["output"])
    save("folds_by_six", [fold], [value("input", ["n", 2])], [value("output", ["m", 6])],
         [tensor("shape", np.int64([-1, 6]))])  # fmt: skip


def localization() -> None:
    """Strides 8 (two priors a cell) and 16 (one), outputs linear in the cell's top-left pixel."""
    nodes, weights, parts = [], [], {"scores": [], "boxes": [], "points": []}
    for stride, anchors in ((8, 2), (16, 1)):
        for head, width in (("scores", 1), ("boxes", 4), ("points", 10)):
            name, channels = f"{head}{stride}", anchors * width
            kernel = np.arange(channels * 3, dtype=np.float32).reshape(channels, 3, 1, 1) / 64
            weights += [tensor(f"{name}_w", kernel), tensor(f"{name}_s", np.int64([0, -1, width]))]
            nodes += [
                helper.make_node("Conv", ["input", f"{name}_w"], [f"{name}_c"],
                                 kernel_shape=[1, 1], strides=[stride, stride]),
                helper.make_node("Transpose", [f"{name}_c"], [f"{name}_t"], perm=[0, 2, 3, 1]),
                helper.make_node("Reshape", [f"{name}_t", f"{name}_s"], [f"{name}_r"]),
            ]  # fmt: skip
            parts[head].append(f"{name}_r")
    for head, names in parts.items():
        joined = "scores3" if head == "scores" else head
        nodes.append(helper.make_node("Concat", names, [joined], axis=1))
    nodes.append(helper.make_node("Squeeze", ["scores3", "last"], ["scores"]))
    weights.append(tensor("last", np.int64([2])))
    metadata = {
        **COMMON,
        "mien.role": "localization",
        "mien.name": "tiny-localization",
        "mien.input.multiple": "16",
        "mien.input.max_side": "64",
        "mien.localization.strides": "8,16",
        "mien.localization.min_sizes": "16,32;64",
        "mien.localization.variances": "0.1,0.2",
        "mien.localization.score_threshold": "0.5",
        "mien.localization.nms_iou": "0.4",
    }
    outputs = [
        value("scores", ["n", "p"]),
        value("boxes", ["n", "p", 4]),
        value("points", ["n", "p", 10]),
    ]
    save("localization", nodes, [value("input", ["n", 3, "h", "w"])], outputs, weights, metadata)


def behaviour(*, takes_bytes: bool = False) -> None:
    """Two heads, linear in the means of the three channels; of bytes in blocks of 2x2 pixels."""
    columns = {"expression": ["happiness", "sadness", "neutral"], "pose": ["Pitch", "Roll", "Yaw"]}
    nodes, weights, outputs = [], [], []
    if takes_bytes:
        weights += [tensor("s", np.float32(1 / 128)), tensor("z", np.uint8(128))]
        weights.append(tensor("pixels", np.int64([0, 256, 3, 1])))
        nodes += [
            helper.make_node("DequantizeLinear", ["input", "s", "z"], ["x"]),
            helper.make_node("Reshape", ["x", "pixels"], ["p"]),
            helper.make_node("Transpose", ["p"], ["t"], perm=[0, 2, 1, 3]),
        ]
    nodes.append(helper.make_node("GlobalAveragePool", ["t" if takes_bytes else "input"], ["mean"]))
    for head, names in columns.items():
        kernel = np.arange(9, dtype=np.float32).reshape(3, 3, 1, 1) / 8 - 0.5
        weights.append(tensor(f"{head}_w", kernel))
        nodes.append(
            helper.make_node("Conv", ["mean", f"{head}_w"], [f"{head}_c"], kernel_shape=[1, 1])
        )
        nodes.append(helper.make_node("Flatten", [f"{head}_c"], [head]))
        outputs.append(value(head, ["n", len(names)]))
    metadata = {
        **COMMON,
        "mien.role": "behaviour",
        "mien.name": "tiny-behaviour",
        "mien.input.size": "16",
        "mien.input.template": "6,5;10,5;8,8;6.5,10.5;9.5,10.5",
        "mien.heads": "expression,pose",
        "mien.head.expression.columns": ",".join(columns["expression"]),
        "mien.head.expression.activation": "softmax",
        "mien.head.expression.unit": "probability",
        "mien.head.expression.range": "0,1",
        "mien.head.pose.columns": ",".join(columns["pose"]),
        "mien.head.pose.activation": "tanh",
        "mien.head.pose.scale": "1.5",
        "mien.head.pose.offset": "-0.25",
        "mien.head.pose.unit": "rad",
    }
    if not takes_bytes:
        save("behaviour", nodes, [value("input", ["n", 3, 16, 16])], outputs, weights, metadata)
        return
    metadata |= {"mien.input.type": "uint8", "mien.input.block": "2"}
    metadata |= {"mien.input.scale": "0.0078125", "mien.input.zero_point": "128"}
    inputs = [value("input", ["n", 8, 8, 12], TensorProto.UINT8)]
    save("behaviour_bytes", nodes, inputs, outputs, weights, metadata)


if __name__ == "__main__":
    two_outputs()
    conv_int8()
    half_inside()
    awkward_types()
    localization()
    behaviour()
    behaviour(takes_bytes=True)
