"""Engines and readers with arrays on a CUDA device.

Where the kernels are emulated on the CPU (a build with MIEN_CUDA=EMULATED), pixels can be compared.
"""

from __future__ import annotations

import gc

import numpy as np
import pandas as pd
import pytest
from device_offers import (
    VIEWS,
    Interface,
    Offered,
    pixels,
)

import mien
from mien import OptionError, ProviderError, _core

emulated_only = pytest.mark.skipif(
    not _core.build_info()["cuda_is_emulated"],
    reason="needs kernels emulated on the CPU (MIEN_CUDA=EMULATED)",
)


@emulated_only
@pytest.mark.parametrize("offer", [Offered, Interface])
def test_an_engine_on_the_device_gives_the_rows_of_the_same_pixels_on_the_cpu(portrait, offer):
    engine = mien.Engine(device="cuda", threads=2)
    clip = np.stack([portrait[::2, ::2], portrait[::2, ::-2]] * 3)
    cpu, device = (engine.analyze(frames, fps=25) for frames in (clip, offer(clip)))
    pd.testing.assert_frame_equal(device, cpu)
    assert device["FaceScore"].notna().all()
    images = engine.analyze([offer(clip[0]), clip[1]])
    pd.testing.assert_frame_equal(images, engine.analyze([clip[0], clip[1]]))
    live = engine.analyze_frame(offer(clip[0]))
    engine.reset()
    pd.testing.assert_frame_equal(live, engine.analyze_frame(clip[0]))


@emulated_only
def test_frames_are_let_go_once_their_rows_are_there(portrait):
    engine = mien.Engine(device="cuda", threads=2)
    offered = Offered(np.stack([portrait[::4, ::4]] * 5))
    engine.analyze(offered)
    gc.collect()
    assert offered.deleted == 1


@emulated_only
@pytest.mark.parametrize("view", VIEWS)
def test_a_copy_on_the_cpu_has_the_same_pixels(view):
    array = VIEWS[view](pixels(40, 30, 3))
    np.testing.assert_array_equal(_core.DeviceArray.take(Offered(array)).get(), array)
    frames = pixels(3, 20, 24, 3)
    np.testing.assert_array_equal(_core.DeviceArray.take(Offered(frames)).get(), frames)


@emulated_only
def test_other_streams_wait_and_are_waited_for():
    array = pixels(20, 20, 3)
    taken = _core.DeviceArray.take(Interface(array, stream=1))
    taken = _core.DeviceArray.take(Interface(array, stream=2))
    assert taken.__dlpack__(stream=2) is not None


@pytest.mark.skipif(not _core.video_decoder_version(), reason="built without FFmpeg")
class TestReadFrames:
    @emulated_only
    def test_on_a_device_they_are_those_of_the_cpu(self, media):
        clip = media("single_face.mp4")
        cpu = list(mien.read_frames(clip, every=10))
        device = list(mien.read_frames(clip, every=10, device="cuda"))
        assert [frame.index for frame in device] == [frame.index for frame in cpu]
        assert [frame.time for frame in device] == [frame.time for frame in cpu]
        for ours, theirs in zip(device, cpu, strict=True):
            np.testing.assert_array_equal(ours.rgb.get(), theirs.rgb)

    def test_without_a_device_it_is_an_error(self, media):
        if _core.cuda_devices():
            pytest.skip("a CUDA device answers")
        with pytest.raises(ProviderError, match="wanted a device"):
            next(mien.read_frames(media("single_face.mp4"), device="cuda"))

    def test_another_device_is_an_error(self):
        with pytest.raises(OptionError, match="wanted cpu or cuda, got 'tpu'"):
            next(mien.read_frames("clip.mp4", device="tpu"))


@pytest.mark.cuda
class TestWithADevice:
    @pytest.fixture(autouse=True)
    def _real(self, cuda, cuda_is_emulated):
        assert cuda == "cuda"
        if cuda_is_emulated:
            pytest.skip(
                "the emulator has no NVDEC, and its memory is no device's to other libraries"
            )

    def test_frames_of_a_video_are_those_of_the_cpu(self, media):
        clip = media("single_face.mp4")
        reader = _core.VideoReader(str(clip), device="cuda")
        assert reader.decoder == "h264 (nvdec)"
        for (index, time, _, rgb), frame in zip(reader, mien.read_frames(clip), strict=True):
            assert (index, time) == (frame.index, frame.time)
            np.testing.assert_array_equal(rgb.get(), frame.rgb)

    def test_rows_are_those_of_the_file_and_of_the_same_arrays_on_the_cpu(self, media):
        clip = media("single_face.mp4")
        engine = mien.Engine(device="cuda")
        frames = [frame.rgb for frame in mien.read_frames(clip, every=20, device="cuda")]
        cpu = engine.analyze([rgb.get() for rgb in frames])
        device = engine.analyze(frames)
        np.testing.assert_allclose(device.select_dtypes("number"), cpu.select_dtypes("number"))
        assert len(engine.analyze_frame(frames[0]))

    def test_torch_and_cupy_hand_arrays_over_and_take_them(self, media):
        torch = pytest.importorskip("torch")
        clip = media("single_face.mp4")
        frame = next(mien.read_frames(clip, device="cuda"))
        tensor = torch.from_dlpack(frame.rgb)
        np.testing.assert_array_equal(tensor.cpu().numpy(), frame.rgb.get())
        again = _core.DeviceArray.take(tensor.flip(1).contiguous())
        np.testing.assert_array_equal(again.get(), frame.rgb.get()[:, ::-1])
