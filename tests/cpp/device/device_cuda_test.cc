#ifdef MIEN_HAS_CUDA
#include <cuda_runtime.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "../image/images.h"
#include "cuda_device.h"
#include "detect/letterbox.h"
#include "detect/letterbox_cuda.h"
#include "device/device.h"
#include "image/pixels.h"

namespace mien {
namespace {

using Bytes = std::vector<std::uint8_t>;

class DeviceCuda : public test::CudaTest {
 protected:
  // An image in device memory of another library: not owned, with its own strides.
  FrameView on_device(const test::Image& p) {
    FrameView view = p.view;
    for (Plane& plane : view.planes) {
      for (const Bytes& bytes : p.bytes) {
        if (plane.data < bytes.data() || plane.data >= bytes.data() + bytes.size()) continue;
        plane.data = copy_of(bytes) + (plane.data - bytes.data());
        break;
      }
    }
    view.memory = Memory::kCuda;
    return view;
  }

  std::uint8_t* copy_of(const Bytes& bytes) {
    void* data = nullptr;
    EXPECT_EQ(cudaMalloc(&data, bytes.size()), cudaSuccess);
    EXPECT_EQ(cudaMemcpy(data, bytes.data(), bytes.size(), cudaMemcpyHostToDevice), cudaSuccess);
    owners_.emplace_back(data, [](void* p) { cudaFree(p); });
    return static_cast<std::uint8_t*>(data);
  }

 private:
  std::vector<std::shared_ptr<void>> owners_;
};

Bytes rgb_of(const FrameView& frame) {
  Bytes rgb(static_cast<std::size_t>(frame.width * frame.height * 3));
  if (frame.memory == Memory::kCuda) {
    download_rgb24(frame, rgb.data());
  } else {
    to_rgb24(frame, rgb.data());
  }
  return rgb;
}

std::vector<float> letterboxes(const std::vector<FrameView>& views) {
  const LetterboxPlan plan = plan_letterbox(views[0].width, views[0].height, 64, 16);
  DeviceFrames frames;
  frames.upload(views);
  const DeviceFloats out(views.size() * 3 * static_cast<std::size_t>(plan.width * plan.height));
  std::vector<int> positions(views.size());
  std::iota(positions.begin(), positions.end(), 0);
  letterbox_cuda(frames, positions, plan, {{0, 0, 0}, {1, 1, 1}}, 114, out.data());
  return out.download(frames);
}

TEST_F(DeviceCuda, TakesFramesFromTheCpuAndFromTheDevice) {
  const auto images = test::all_layouts(53, 37);
  std::vector<FrameView> cpu;
  std::vector<FrameView> device;
  std::vector<FrameView> both;
  for (const test::Image& p : images) {
    cpu.push_back(p.view);
    device.push_back(on_device(p));
    both.push_back(both.size() % 2 == 0 ? cpu.back() : device.back());
  }
  const auto wanted = letterboxes(cpu);
  EXPECT_EQ(letterboxes(device), wanted);
  EXPECT_EQ(letterboxes(both), wanted);
}

TEST_F(DeviceCuda, RgbEqualsTheCpu) {
  DeviceImages images;
  for (const test::Image& p : test::all_layouts(53, 37)) {
    const FrameView device = on_device(p);
    const Bytes wanted = rgb_of(p.view);
    EXPECT_EQ(rgb_of(device), wanted) << p.name;
    EXPECT_EQ(rgb_of(images.copy(device).view), wanted) << p.name;
    EXPECT_EQ(rgb_of(images.rgb24(device).view), wanted) << p.name;
    EXPECT_EQ(rgb_of(images.rgb24(p.view).view), wanted) << p.name;
  }
}

// 16-bit words, as P010, P016 and planar 10-bit formats hold them.
TEST_F(DeviceCuda, HighBitDepthIsRoundedAsOnTheCpu) {
  std::mt19937 random(3);
  for (const DeviceImages::Depth depth : {DeviceImages::Depth{10, 6}, {16, 0}, {10, 0}, {12, 4}}) {
    constexpr int kSide = 32;
    const Bytes words = test::random_bytes(2 * kSide * kSide, random);
    FrameView view;
    view.width = view.height = kSide;
    view.model = ColorModel::kGray;
    view.memory = Memory::kCuda;
    view.planes[0] = {copy_of(words), 2 * kSide, 2};
    DeviceImages images;
    const Bytes rgb = rgb_of(images.copy(view, depth).view);
    for (std::size_t i = 0; i < kSide * kSide; ++i) {
      const unsigned word = words[2 * i] | static_cast<unsigned>(words[2 * i + 1]) << 8;
      const unsigned sample = (word >> depth.shift) & ((1u << depth.bits) - 1);
      const unsigned half = 1u << (depth.bits - 9);
      ASSERT_EQ(rgb[3 * i], std::min((sample + half) >> (depth.bits - 8), 255u));
    }
  }
}

TEST_F(DeviceCuda, BlocksAreReusedAndOutliveTheirPool) {
  const auto layouts = test::all_layouts(53, 37);
  const FrameView source = on_device(layouts[0]);
  const Bytes wanted = rgb_of(layouts[0].view);
  DeviceImages::Image kept;
  {
    DeviceImages images;
    const std::uint8_t* first = images.copy(source).view.planes[0].data;
    kept = images.copy(source);
    EXPECT_EQ(kept.view.planes[0].data, first);
    EXPECT_NE(images.copy(source).view.planes[0].data, first);
  }
  EXPECT_EQ(rgb_of(kept.view), wanted);
}

}  // namespace
}  // namespace mien
#endif
