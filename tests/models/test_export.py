"""Export of the behaviour network: every precision says all the engine needs, and packs hold it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="export needs torch")
onnx = pytest.importorskip("onnx", reason="export needs onnx")
pytest.importorskip("onnxruntime", reason="export needs onnxruntime")
pytest.importorskip("cv2", reason="datasets need OpenCV")

from models.training.networks.behaviour import (
    HEADS,
    SIZE,
    TEMPLATE,
    BehaviourNet,
    activate,
    normalize,
)
from models.training.onnx.behaviour_runner import BehaviourRunner, batch_independent
from models.training.onnx.export_behaviour import (
    CONFIG,
    PRECISIONS,
    calibration_batches,
    export,
    export_float,
    head_nodes,
    load_network,
)
from models.training.onnx.metadata import read_metadata, write_metadata
from models.training.onnx.pack import main as pack_main
from models.training.onnx.pack import sha256, tomllib, write_pack
from models.training.train.behaviour_config import read
from tests.models.synthetic import write_dataset, write_datasets

WANTED = {f"mien.{k}" for k in ("format", "role", "name", "version", "license", "heads")}
WANTED |= {
    f"mien.input.{k}" for k in ["name", "color", "mean", "std", "size", "border", "template"]
}
WANTED |= {
    f"mien.head.{head.name}.{k}"
    for head in HEADS
    for k in ["columns", "activation", "scale", "offset", "unit", "range"]
}


def small_network() -> BehaviourNet:
    torch.manual_seed(0)
    network = BehaviourNet(stem=8, widths=(8, 16, 16), depths=(1, 1, 1), narrow=8, placed=16)
    return network.eval()


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> dict[str, Path]:
    """All precisions of a small random network, calibrated on synthetic datasets."""
    folder = tmp_path_factory.mktemp("export")
    write_datasets(folder)
    write_dataset(folder, "utkface", 20, labelled=False, seed=2)
    torch.set_num_threads(1)
    network = small_network()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MIEN_CACHE", str(folder))
        export_float(network, folder / "heads.onnx")
        keep = head_nodes(folder / "heads.onnx")
        return export(network, folder / "runs", keep, version="9.8.7", method="minmax")


def crops(count: int = 6) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, SIZE, SIZE, 3)).astype(np.uint8)


@pytest.mark.parametrize("precision", PRECISIONS)
def test_metadata_are_complete_in_every_precision(files, precision):
    found = read_metadata(files[precision])
    assert set(found) >= WANTED
    assert found["mien.role"] == "behaviour"
    assert found["mien.precision"] == precision
    assert found["mien.version"] == "9.8.7"
    assert found["mien.input.name"] == "input"
    assert found["mien.heads"].split(",") == [head.name for head in HEADS]
    for head in HEADS:
        assert found[f"mien.head.{head.name}.columns"].split(",") == list(head.columns)
    points = [tuple(map(float, p.split(","))) for p in found["mien.input.template"].split(";")]
    assert points == list(TEMPLATE)


@pytest.mark.parametrize(
    ("precision", "tolerance"), [("fp32", 1e-5), ("fp16", 0.01), ("int8", 0.1)]
)
def test_files_say_what_the_network_says(files, precision, tolerance):
    """The file's runner and PyTorch agree on values: layout, normalization, activation, scale."""
    images = crops()
    with torch.no_grad():
        wanted = activate(small_network()(normalize(torch.from_numpy(images))))
    got = BehaviourRunner(files[precision])(images, batch=4)
    for head in HEADS:
        spread = head.scale * tolerance
        np.testing.assert_allclose(got[head.name], wanted[head.name].numpy(), rtol=0, atol=spread)


@pytest.mark.parametrize("precision", PRECISIONS)
def test_ends_are_float_or_bytes_and_the_batch_is_free(files, precision):
    graph = onnx.load(str(files[precision])).graph
    taken = onnx.TensorProto.UINT8 if precision == "int8" else onnx.TensorProto.FLOAT
    assert [end.type.tensor_type.elem_type for end in graph.input] == [taken]
    for end in graph.output:
        assert end.type.tensor_type.elem_type == onnx.TensorProto.FLOAT
    for end in (*graph.input, *graph.output):
        assert end.type.tensor_type.shape.dim[0].dim_param == "batch"


def test_int8_rows_do_not_depend_on_their_batch(files):
    assert batch_independent(BehaviourRunner(files["int8"]), crops())


def test_int8_keeps_the_heads_in_fp32(files):
    graph = onnx.load(str(files["int8"])).graph
    floats = {t.name for t in graph.initializer if t.data_type == onnx.TensorProto.FLOAT}
    makers = {name: node.op_type for node in graph.node for name in node.output}
    (heads,) = (node for node in graph.node if node.op_type == "Gemm")
    assert {heads.input[1], heads.input[2]} <= floats
    assert not {"QuantizeLinear", "DequantizeLinear"} & {makers[o.name] for o in graph.output}
    convolutions = {node.input[1] for node in graph.node if node.op_type == "Conv"}
    assert convolutions
    assert not convolutions & floats


def test_fp16_keeps_the_heads_in_fp32_and_rounds_once(files):
    """One cast on the way in, one ahead of the heads, none behind them."""
    graph = onnx.load(str(files["fp16"])).graph
    onnx.checker.check_model(str(files["fp16"]), full_check=True)
    assert [node.op_type for node in graph.node].count("Cast") == 2
    floats = {t.name for t in graph.initializer if t.data_type == onnx.TensorProto.FLOAT}
    (heads,) = (node for node in graph.node if node.op_type == "Gemm")
    assert floats == {heads.input[1], heads.input[2]}


def test_calibration_is_the_same_every_time(tmp_path, monkeypatch):
    monkeypatch.setenv("MIEN_CACHE", str(tmp_path))
    write_datasets(tmp_path)
    write_dataset(tmp_path, "utkface", 20, labelled=False, seed=2)
    first, second = (list(calibration_batches(12, batch=8)) for _ in range(2))
    assert [b.shape for b in first] == [(8, 3, SIZE, SIZE), (4, 3, SIZE, SIZE)]
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
    assert -1 <= first[0].min() < first[0].max() <= 1


def test_a_checkpoint_becomes_its_configurations_network(tmp_path):
    network = read(CONFIG).build()
    torch.save({"average": network.state_dict()}, tmp_path / "some.pt")
    loaded = load_network(tmp_path / "some.pt")
    assert not loaded.training
    for key, value in network.state_dict().items():
        torch.testing.assert_close(loaded.state_dict()[key], value)
    with pytest.raises(FileNotFoundError, match=r"other\.pt"):
        load_network(tmp_path / "other.pt")


def test_a_pack_names_and_hashes_its_files(files, tmp_path):
    quality = tmp_path / "q.json"
    quality.write_text(json.dumps({"command": "judge FILE", "metrics": {"data": "x", "r": 0.5}}))
    pack = tmp_path / "pack"
    pack_main([str(pack), "--behaviour", str(files["int8"]), "--quality", f"behaviour={quality}"])
    said = tomllib.loads((pack / "pack.toml").read_text())
    assert said["behaviour"]["file"] == "behaviour.onnx"
    assert said["behaviour"]["sha256"] == sha256(files["int8"])
    assert said["behaviour"]["version"] == "9.8.7"
    assert said["behaviour"]["precision"] == "int8"
    assert said["quality"]["behaviour"] == {"command": "judge FILE", "data": "x", "r": 0.5}
    assert sha256(pack / "behaviour.onnx") == sha256(files["int8"])


def test_a_pack_keeps_what_is_not_given(files, tmp_path):
    pack = tmp_path / "pack"
    write_pack(pack, {"behaviour": files["int8"]}, {"behaviour": {"command": "c", "r": 0.5}})
    other = tmp_path / "localization.onnx"
    other.write_bytes(files["fp32"].read_bytes())
    write_metadata(other, {"mien.role": "localization"})
    write_pack(pack, {"localization": other}, {})
    said = tomllib.loads((pack / "pack.toml").read_text())
    assert set(said) >= {"localization", "behaviour"}
    assert said["quality"]["behaviour"]["r"] == 0.5


def test_a_pack_holds_the_fp16_form_beside_its_network(files, tmp_path):
    pack, quality = tmp_path / "pack", {"behaviour.fp16": {"command": "c", "r": 0.25}}
    write_pack(pack, {"behaviour": files["int8"], "behaviour.fp16": files["fp16"]}, quality)
    write_pack(pack, {"behaviour": files["int8"]}, {"behaviour": {"command": "c", "r": 0.5}})
    said = tomllib.loads((pack / "pack.toml").read_text())
    fp16 = said["behaviour"]["fp16"]
    assert (fp16["file"], fp16["precision"]) == ("behaviour.fp16.onnx", "fp16")
    assert fp16["sha256"] == sha256(pack / "behaviour.fp16.onnx") == sha256(files["fp16"])
    assert said["quality"]["behaviour"]["r"] == 0.5
    assert said["quality"]["behaviour"]["fp16"]["r"] == 0.25
    newer = tmp_path / "newer.onnx"
    newer.write_bytes(files["int8"].read_bytes())
    write_metadata(newer, {"mien.version": "10"})
    with pytest.raises(ValueError, match=r"fp16\.onnx: mien.version: wanted '10', got '9.8.7'"):
        write_pack(pack, {"behaviour": newer}, {})


def test_new_weights_lose_the_quality_of_the_old(files, tmp_path):
    pack = tmp_path / "pack"
    write_pack(pack, {"behaviour": files["int8"]}, {"behaviour": {"command": "c", "r": 0.5}})
    write_pack(pack, {"behaviour": files["fp32"]}, {})
    assert "quality" not in tomllib.loads((pack / "pack.toml").read_text())


def test_a_network_in_anothers_place_is_an_error(files, tmp_path):
    with pytest.raises(ValueError, match="wanted 'localization', got 'behaviour'"):
        write_pack(tmp_path / "pack", {"localization": files["int8"]}, {})
