// Frames decoded by a CUDA device. NVDEC is compared with decoding on the CPU if there is a device;
// views of its frames are tested without one, on synthetic frames.
#ifdef MIEN_HAS_FFMPEG
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "../device/cuda_device.h"
#include "device/device.h"
#include "device/dispatch.h"
#include "image/pixels.h"
#include "mien/error.h"
#include "mien/video.h"
#include "video/frame_view_ffmpeg.h"

namespace mien {
namespace {

namespace fs = std::filesystem;
using Bytes = std::vector<std::uint8_t>;

Bytes rgb_of(const FrameView& view) {
  Bytes rgb(static_cast<std::size_t>(view.width) * static_cast<std::size_t>(view.height) * 3);
  if (view.memory == Memory::kCuda) {
    download_rgb24(view, rgb.data());
  } else {
    to_rgb24(view, rgb.data());
  }
  return rgb;
}

// 1. Without a device -----------------------------------------------------------------------------

TEST(Nvdec, WithoutADeviceIsAnError) {
  if (!cuda_device_names().empty()) GTEST_SKIP() << "a CUDA device answers";
  try {
    open_video("any.mp4", {}, 1, Memory::kCuda);
    FAIL() << "no error";
  } catch (const ProviderError& e) {
    EXPECT_NE(std::string(e.what()).find("wanted a device"), std::string::npos) << e.what();
  }
}

// 2. With NVDEC -----------------------------------------------------------------------------------

class NvdecCuda : public test::CudaTest {
 protected:
  void SetUp() override {
    test::CudaTest::SetUp();
    if (cuda_is_emulated()) GTEST_SKIP() << "the emulator has no NVDEC";
    const char* data = std::getenv("MIEN_DATA");
    const char* required = std::getenv("MIEN_REQUIRE_DATA");
    clip_ = fs::path(data == nullptr ? "../shared/data" : data) / "pyfeat" / "single_face.mp4";
    if (fs::exists(clip_)) return;
    ASSERT_TRUE(required == nullptr || std::string(required) != "1") << clip_ << " is not there";
    GTEST_SKIP() << clip_ << " is not there (set MIEN_DATA)";
  }
  fs::path clip_;
};

// Decoding of H.264 is bit-exact. The test keeps all frames, so that surfaces must not run out.
TEST_F(NvdecCuda, EqualsTheCpu) {
  const auto device = open_video(clip_.string(), {}, 1, Memory::kCuda);
  const auto cpu = open_video(clip_.string(), {}, 1);
  EXPECT_EQ(device->decoder(), "h264 (nvdec)");
  EXPECT_EQ(cpu->decoder(), "h264");
  std::vector<Frame> frames;
  Frame frame;
  while (device->next(frame)) frames.push_back(frame);
  ASSERT_EQ(frames.size(), 72u);
  for (const Frame& got : frames) {
    ASSERT_TRUE(cpu->next(frame));
    EXPECT_EQ(got.index, frame.index);
    EXPECT_EQ(got.time, frame.time);
    EXPECT_EQ(got.view.memory, Memory::kCuda);
    EXPECT_EQ(rgb_of(got.view), rgb_of(frame.view)) << "frame " << frame.index;
  }
  EXPECT_FALSE(cpu->next(frame));
}

// 3. Views of its frames --------------------------------------------------------------------------

#ifdef MIEN_CUDA_EMULATED
constexpr int kWidth = 34;
constexpr int kHeight = 22;

Bytes random_bytes(std::size_t count) {
  std::mt19937 random(5);
  Bytes bytes(count);
  for (std::uint8_t& b : bytes) b = static_cast<std::uint8_t>(random());
  return bytes;
}

// A frame as a device's decoder returns it; `format` is the storage format of the samples.
ffmpeg::FramePtr device_frame(AVPixelFormat format, const Bytes& bytes, int pitch) {
  ffmpeg::FramePtr frame = ffmpeg::make_frame();
  const ffmpeg::BufferPtr device(av_hwdevice_ctx_alloc(AV_HWDEVICE_TYPE_CUDA));
  if (!device) return nullptr;
  frame->hw_frames_ctx = av_hwframe_ctx_alloc(device.get());
  reinterpret_cast<AVHWFramesContext*>(frame->hw_frames_ctx->data)->sw_format = format;
  frame->format = AV_PIX_FMT_CUDA;
  frame->width = kWidth;
  frame->height = kHeight;
  const bool interleaved = av_pix_fmt_count_planes(format) == 2;
  auto* at = const_cast<std::uint8_t*>(bytes.data());
  for (int i = 0; i < (interleaved ? 2 : 3); ++i) {
    frame->data[i] = at + i * pitch * kHeight;
    frame->linesize[i] = pitch;
  }
  return frame;
}

// The same samples as the CPU's decoder returns them: planar.
ffmpeg::FramePtr cpu_frame(AVPixelFormat format, const AVFrame& device, int shift) {
  ffmpeg::FramePtr frame = ffmpeg::make_frame();
  frame->width = kWidth;
  frame->height = kHeight;
  frame->format = format;
  frame->colorspace = device.colorspace;
  frame->color_range = device.color_range;
  EXPECT_EQ(av_frame_get_buffer(frame.get(), 0), 0);
  const AVPixFmtDescriptor& wanted = *av_pix_fmt_desc_get(format);
  const auto stored =
      reinterpret_cast<const AVHWFramesContext*>(device.hw_frames_ctx->data)->sw_format;
  const AVPixFmtDescriptor& given = *av_pix_fmt_desc_get(stored);
  for (int i = 0; i < 3; ++i) {
    const AVComponentDescriptor& from = given.comp[i];
    const int width = i == 0 ? kWidth : kWidth >> wanted.log2_chroma_w;
    const int height = i == 0 ? kHeight : kHeight >> wanted.log2_chroma_h;
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        const std::uint8_t* sample =
            device.data[from.plane] + y * device.linesize[from.plane] + from.offset + x * from.step;
        std::uint8_t* to = frame->data[i] + y * frame->linesize[i] + x * wanted.comp[i].step;
        if (wanted.comp[i].depth == 8) {
          *to = *sample;
          continue;
        }
        std::uint16_t word;
        std::memcpy(&word, sample, sizeof word);
        word = static_cast<std::uint16_t>(word >> shift);
        std::memcpy(to, &word, sizeof word);
      }
    }
  }
  return frame;
}

struct Case {
  AVPixelFormat device;
  AVPixelFormat cpu;
  int unused_bits;  // at the bottom of a 16-bit word, 0 if the decoder leaves them unset
};

class DeviceFramesOf : public testing::TestWithParam<Case> {};

TEST_P(DeviceFramesOf, EqualThoseOfTheCpu) {
  const Case format = GetParam();
  const int pitch = 160;
  Bytes bytes = random_bytes(static_cast<std::size_t>(3 * pitch * kHeight));
  const auto mask = static_cast<std::uint16_t>(0xFFFF << format.unused_bits);
  for (std::size_t i = 0; format.unused_bits > 0 && i + 1 < bytes.size(); i += 2) {
    bytes[i] = static_cast<std::uint8_t>(bytes[i] & mask);
  }
  for (const bool transpose : {false, true}) {
    for (const bool flip_x : {false, true}) {
      for (const AVColorRange range : {AVCOL_RANGE_MPEG, AVCOL_RANGE_JPEG}) {
        const Orientation orientation{transpose, flip_x, transpose};
        ffmpeg::FramePtr device = device_frame(format.device, bytes, pitch);
        if (!device) GTEST_SKIP() << "an FFmpeg without CUDA";
        device->color_range = range;
        device->colorspace = flip_x ? AVCOL_SPC_BT709 : AVCOL_SPC_UNSPECIFIED;
        ffmpeg::FramePtr cpu = cpu_frame(format.cpu, *device, format.unused_bits);
        FrameViewer viewer("clip");
        Frame on_device;
        Frame on_cpu;
        viewer.view(std::move(device), orientation, on_device);
        viewer.view(std::move(cpu), orientation, on_cpu);
        ASSERT_EQ(on_device.view.memory, Memory::kCuda);
        ASSERT_EQ(on_cpu.view.memory, Memory::kCpu);
        EXPECT_EQ(on_device.view.width, on_cpu.view.width);
        EXPECT_EQ(rgb_of(on_device.view), rgb_of(on_cpu.view));
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, DeviceFramesOf,
                         testing::Values(Case{AV_PIX_FMT_NV12, AV_PIX_FMT_YUV420P, 0},
                                         Case{AV_PIX_FMT_P010, AV_PIX_FMT_YUV420P10, 6},
                                         Case{AV_PIX_FMT_P016, AV_PIX_FMT_YUV420P12, 4},
                                         Case{AV_PIX_FMT_YUV444P, AV_PIX_FMT_YUV444P, 0},
                                         Case{AV_PIX_FMT_YUV444P16, AV_PIX_FMT_YUV444P10, 6}),
                         [](const auto& tested) {
                           return std::string(av_get_pix_fmt_name(tested.param.device));
                         });

// FFmpeg does not crop the left and top edge of a frame on a device as the stream demands.
TEST(DeviceFramesCut, AreCroppedAtTheLeftAndTopEdge) {
  const Bytes bytes = random_bytes(3 * 64 * kHeight);
  FrameViewer viewer("clip");
  Frame whole;
  Frame cut;
  ffmpeg::FramePtr frame = device_frame(AV_PIX_FMT_NV12, bytes, 64);
  if (!frame) GTEST_SKIP() << "an FFmpeg without CUDA";
  viewer.view(std::move(frame), {}, whole);
  frame = device_frame(AV_PIX_FMT_NV12, bytes, 64);
  frame->crop_left = 4;
  frame->crop_top = 2;
  viewer.view(std::move(frame), {}, cut);
  ASSERT_EQ(cut.view.width, kWidth - 4);
  ASSERT_EQ(cut.view.height, kHeight - 2);
  const Bytes wanted = rgb_of(whole.view);
  const Bytes got = rgb_of(cut.view);
  for (std::size_t y = 0; y < kHeight - 2; ++y) {
    const Bytes row(&got[y * 3 * (kWidth - 4)], &got[y * 3 * (kWidth - 4)] + 3 * (kWidth - 4));
    const auto* at = &wanted[((y + 2) * kWidth + 4) * 3];
    EXPECT_EQ(row, Bytes(at, at + 3 * (kWidth - 4)));
  }
}
#endif

}  // namespace
}  // namespace mien
#endif
