#include "image/quantized_input.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "images.h"

#ifdef MIEN_HAS_CUDA
#include "../device/cuda_device.h"
#include "cuda/device_buffer.h"
#include "cuda/frames.h"
#include "image/quantized_input_cuda.h"
#endif

namespace mien {
namespace {

struct Case {
  int size;
  QuantizedInput input;
};

class QuantizedInputTest : public testing::TestWithParam<Case> {};

// Steps to both sides of the zero point, including halves and values out of range.
std::vector<float> image(const Case& c) {
  std::mt19937 random(1);
  std::uniform_int_distribution<int> halves(-600, 600);
  std::vector<float> values(static_cast<std::size_t>(3 * c.size * c.size));
  for (float& v : values) v = 0.5f * static_cast<float>(halves(random)) * c.input.scale;
  return values;
}

// Reference: pixel by pixel, block by block.
std::vector<std::uint8_t> reference(const std::vector<float>& values, const Case& c) {
  const int block = c.input.block;
  const auto at = [&](int channel, int y, int x) {
    const float v = values[static_cast<std::size_t>((channel * c.size + y) * c.size + x)];
    const float byte = std::nearbyint(v / c.input.scale) + static_cast<float>(c.input.zero_point);
    return static_cast<std::uint8_t>(std::clamp(byte, 0.0f, 255.0f));
  };
  std::vector<std::uint8_t> bytes;
  for (int top = 0; top < c.size; top += block) {
    for (int left = 0; left < c.size; left += block) {
      for (int y = top; y < top + block; ++y) {
        for (int x = left; x < left + block; ++x) {
          for (int channel = 0; channel < 3; ++channel) bytes.push_back(at(channel, y, x));
        }
      }
    }
  }
  return bytes;
}

TEST_P(QuantizedInputTest, EqualsTheReferenceOnEveryInstructionSet) {
  const std::vector<float> values = image(GetParam());
  for (const Isa isa : test::kIsas) {
    const test::IsaLimit limit(isa);
    if (!limit.is_there()) continue;
    std::vector<std::uint8_t> got(values.size());
    to_bytes(values.data(), GetParam().size, GetParam().input, got.data());
    EXPECT_EQ(got, reference(values, GetParam())) << isa_name(isa);
  }
}

#ifdef MIEN_HAS_CUDA
TEST_P(QuantizedInputTest, EqualsTheCpuOnACudaDevice) {
  test::require_cuda_device();
  if (testing::Test::IsSkipped() || testing::Test::HasFailure()) return;
  const std::vector<float> one = image(GetParam());
  std::vector<float> values = one;
  values.insert(values.end(), one.rbegin(), one.rend());
  const DeviceFrames frames;
  const cudaStream_t stream = frames.impl().stream().get();
  cuda::DeviceBuffer<float> from;
  from.upload(values.data(), values.size(), stream);
  cuda::DeviceBuffer<std::uint8_t> to;
  std::vector<std::uint8_t> got(values.size());
  to.upload(got.data(), got.size(), stream);
  to_bytes_cuda(frames, from.data(), 2, GetParam().size, GetParam().input, to.data());
  ASSERT_EQ(cudaMemcpyAsync(got.data(), to.data(), got.size(), cudaMemcpyDeviceToHost, stream),
            cudaSuccess);
  frames.synchronize();
  std::vector<std::uint8_t> wanted = reference(one, GetParam());
  const std::vector<std::uint8_t> second = reference(
      {values.begin() + static_cast<std::ptrdiff_t>(one.size()), values.end()}, GetParam());
  wanted.insert(wanted.end(), second.begin(), second.end());
  EXPECT_EQ(got, wanted);
}
#endif

INSTANTIATE_TEST_SUITE_P(Sizes, QuantizedInputTest,
                         testing::Values(Case{112, {2, 0.0078393230214715f, 128}},
                                         Case{15, {1, 0.5f, 0}}, Case{12, {3, 0.02f, 255}},
                                         Case{16, {4, 1.0f / 64, 114}}));

}  // namespace
}  // namespace mien
