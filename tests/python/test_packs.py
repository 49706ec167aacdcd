"""Packs are found by name or path, and only whole, unaltered ones load."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import ClassVar

import pytest

import mien
from mien import PackError, load_pack
from mien.packs import available_packs


def write_pack(folder: Path, **changes: str) -> Path:
    """A pack of two small files; `changes` replace lines of pack.toml by their key."""
    folder.mkdir(parents=True)
    lines = {"format": "format = 1", "name": 'name = "small"', "version": 'version = "3"'}
    lines["license"] = 'license = "CC0"'
    for role in ("localization", "behaviour"):
        content = role.encode()
        (folder / f"{role}.onnx").write_bytes(content)
        lines[role] = f"[{role}]"
        lines[f"{role}.file"] = f'file = "{role}.onnx"'
        lines[f"{role}.sha256"] = f'sha256 = "{hashlib.sha256(content).hexdigest()}"'
    lines |= changes
    (folder / "pack.toml").write_text("\n".join(lines.values()))
    return folder


def add_fp16(folder: Path, role: str) -> str:
    """Give a pack's network a second form; its hash."""
    content = f"{role} in fp16".encode()
    (folder / f"{role}.fp16.onnx").write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    with (folder / "pack.toml").open("a") as toml:
        toml.write(f'\n[{role}.fp16]\nfile = "{role}.fp16.onnx"\nsha256 = "{digest}"')
    return digest


@pytest.fixture
def pack(tmp_path):
    return write_pack(tmp_path / "small")


def test_the_default_pack_ships_and_is_whole():
    pack = load_pack()
    assert pack.name == "default"
    assert pack.path == Path(mien.__file__).parent / "packs" / "default"
    assert sum(f.stat().st_size for f in pack.path.iterdir()) < 15e6
    assert available_packs()["default"] == pack.path


def test_a_folder_is_a_pack(pack):
    found = load_pack(pack)
    assert (found.name, found.version, found.license) == ("small", "3", "CC0")
    assert found.detector == pack / "localization.onnx"
    assert found.sha256["behaviour"] == hashlib.sha256(b"behaviour").hexdigest()
    assert load_pack(str(pack)) == found


def test_a_name_is_looked_up_in_the_model_folder(pack, monkeypatch):
    monkeypatch.setenv("MIEN_MODEL_DIR", str(pack.parent))
    assert load_pack("small").path == pack
    assert set(available_packs()) >= {"small", "default"}


def test_what_ships_cannot_be_shadowed(tmp_path, monkeypatch):
    write_pack(tmp_path / "default")
    monkeypatch.setenv("MIEN_MODEL_DIR", str(tmp_path))
    assert load_pack("default").path != tmp_path / "default"


def test_an_unknown_name_lists_what_there_is(pack, monkeypatch):
    monkeypatch.setenv("MIEN_MODEL_DIR", str(pack.parent))
    with pytest.raises(PackError, match=r"'tiny'.*default.*small"):
        load_pack("tiny")


def test_a_folder_without_a_pack(tmp_path):
    with pytest.raises(PackError, match=r"without pack\.toml"):
        load_pack(tmp_path)


@pytest.mark.parametrize("role", ["localization", "behaviour"])
def test_an_altered_file_is_refused_with_both_hashes(pack, role):
    wanted = load_pack(pack).sha256[role]
    (pack / f"{role}.onnx").write_bytes(b"altered")
    got = hashlib.sha256(b"altered").hexdigest()
    with pytest.raises(PackError, match=rf"{role}\.onnx.*wanted {wanted}.*got {got}"):
        load_pack(pack)


def test_an_engine_refuses_an_altered_pack(tmp_path):
    """One bit of a real network, in a copy of the pack that ships."""
    folder = shutil.copytree(load_pack().path, tmp_path / "copy")
    network = folder / "behaviour.onnx"
    content = bytearray(network.read_bytes())
    content[len(content) // 2] ^= 1
    network.write_bytes(content)
    with pytest.raises(PackError, match=r"behaviour\.onnx.*sha256"):
        mien.Engine(folder)


def test_a_missing_file(pack):
    (pack / "behaviour.onnx").unlink()
    with pytest.raises(PackError, match=r"behaviour\.onnx: missing"):
        load_pack(pack)


@pytest.mark.parametrize("device", ["cuda", "tensorrt"])
def test_a_gpu_gets_fp16_where_the_pack_has_it(pack, device):
    digest = add_fp16(pack, "behaviour")
    found = load_pack(pack, device)
    assert found.behaviour == pack / "behaviour.fp16.onnx"
    assert found.sha256["behaviour"] == digest
    assert found.detector == pack / "localization.onnx"  # its only form
    assert found.sha256["localization"] == hashlib.sha256(b"localization").hexdigest()
    on_cpu = load_pack(pack)
    assert on_cpu.behaviour == pack / "behaviour.onnx"
    assert (on_cpu.on(device), found.on("cpu")) == (found, on_cpu)
    assert found.on(device) is found


def test_files_for_another_device_are_not_read(pack):
    add_fp16(pack, "behaviour")
    (pack / "behaviour.fp16.onnx").write_bytes(b"altered")
    assert load_pack(pack).behaviour == pack / "behaviour.onnx"
    with pytest.raises(PackError, match=r"behaviour\.fp16\.onnx.*sha256 wanted"):
        load_pack(pack, "cuda")
    (pack / "behaviour.fp16.onnx").unlink()
    with pytest.raises(PackError, match=r"behaviour\.fp16\.onnx: missing"):
        load_pack(pack).on("cuda")


def test_an_incomplete_second_form(pack):
    with (pack / "pack.toml").open("a") as toml:
        toml.write('\n[behaviour.fp16]\nfile = "behaviour.onnx"')
    with pytest.raises(PackError, match=r"behaviour\.fp16\.sha256: missing"):
        load_pack(pack, "cuda")


@pytest.mark.parametrize("given", [str, load_pack])
@pytest.mark.parametrize(
    ("device", "form"), [("cpu", ""), ("auto", ".fp16"), ("cuda", ".fp16"), ("tensorrt", ".fp16")]
)
def test_an_engine_takes_the_files_for_what_runs_them(monkeypatch, given, device, form):
    """On a machine with a GPU, so far as this test's stand-ins for the core go."""
    opened: list[str] = []

    class Core:
        columns: ClassVar[list[str]] = []
        provider = "cuda"
        options = mien._core.EngineOptions()

        def __init__(self, detector: str, behaviour: str, _: object) -> None:
            opened.extend([detector, behaviour])

    monkeypatch.setattr(mien._core, "choose_provider", lambda d: "cuda" if d == "auto" else d)
    monkeypatch.setattr(mien._core, "Engine", Core)
    folder = load_pack().path
    engine = mien.Engine(given(folder), device=device)
    assert [Path(path).name for path in opened] == [
        f"localization{form}.onnx",
        f"behaviour{form}.onnx",
    ]
    hashes = [hashlib.sha256(Path(path).read_bytes()).hexdigest() for path in opened]
    said = engine._loaded.provenance(mien.ReadOptions())["pack"]["sha256"]
    assert [said["localization"], said["behaviour"]] == hashes


@pytest.mark.parametrize(
    ("key", "line", "message"),
    [
        ("format", "format = 2", r"format: wanted 1, got 2"),
        ("format", "", r"format: missing"),
        ("name", "name = 7", r"name: wanted str, got 7"),
        ("license", "", r"license: missing"),
        ("localization.sha256", "", r"localization\.sha256: missing"),
        ("behaviour.file", "", r"behaviour\.file: missing"),
        ("behaviour.file", 'file = "../behaviour.onnx"', r"pack's own folder.*\.\./behaviour"),
        ("behaviour", "[other]", r"behaviour: missing"),
        ("name", "name =", r"pack\.toml: can't be read"),
    ],
)
def test_an_incomplete_description(tmp_path, key, line, message):
    with pytest.raises(PackError, match=message):
        load_pack(write_pack(tmp_path / "bad", **{key: line}))


def test_networks_that_are_no_networks(pack):
    with pytest.raises(PackError, match=r"localization\.onnx"):
        mien.Engine(pack, device="cpu")


def proto(number: int, content: bytes) -> bytes:
    """A field of protobuf that holds other bytes."""
    return bytes([number << 3 | 2, len(content)]) + content


def test_weights_in_another_file_are_refused_whatever_the_hash(tmp_path):
    """They could be altered without a change of the network's hash."""
    folder = Path(shutil.copytree(load_pack().path, tmp_path / "pack"))
    network = folder / "behaviour.onnx"
    place = proto(13, proto(1, b"location") + proto(2, b"weights.bin"))
    before = network.read_bytes()
    after = before + proto(7, proto(5, proto(8, b"more") + place))  # into the graph's tensors
    network.write_bytes(after)
    toml = folder / "pack.toml"
    old, new = (hashlib.sha256(content).hexdigest() for content in (before, after))
    toml.write_text(toml.read_text().replace(old, new))
    with pytest.raises(PackError, match=r"behaviour\.onnx.*weights in another file"):
        mien.Engine(folder, device="cpu")
