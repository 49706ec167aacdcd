#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "cuda/launch.h"
#include "cuda/pixels.cuh"
#include "detect/letterbox_cuda.h"
#include "image/tap.h"

namespace mien {
namespace {

using cuda::Color;

// Frames per launch: their positions are passed as a kernel argument (4 KiB at most), which saves
// an upload.
constexpr std::size_t kFramesPerLaunch = 512;
struct Positions {
  std::int32_t of_layer[kFramesPerLaunch];
};
static_assert(sizeof(Positions) <= 3072);

// The same sums in the same order as on the CPU: rows first, then columns.
template <typename Reader>
__host__ __device__ Color blend(const Reader& read, const Tap& column, const Tap& row) {
  const int right = second_of(column, read.frame.view.width);
  const int lower = second_of(row, read.frame.view.height);
  const Color t00 = read(column.first, row.first);
  const Color t01 = read(right, row.first);
  const Color t10 = read(column.first, lower);
  const Color t11 = read(right, lower);
  Color out;
  for (int c = 0; c < 3; ++c) {
    const float first = cuda::mix(t00.channel[c], t10.channel[c], row.second_weight);
    const float second = cuda::mix(t01.channel[c], t11.channel[c], row.second_weight);
    out.channel[c] = cuda::mix(first, second, column.second_weight);
  }
  return out;
}

__host__ __device__ Color letterbox_pixel(const DeviceFrame& frame, const LetterboxPlan& plan,
                                          float border, int x, int y) {
  if (x >= plan.content_width || y >= plan.content_height) return {{border, border, border}};
  const int width = frame.view.width;
  const int height = frame.view.height;
  const Tap column = tap_at(x, static_cast<double>(width) / plan.content_width, width);
  const Tap row = tap_at(y, static_cast<double>(height) / plan.content_height, height);
  return cuda::with_reader(frame, [&](const auto& read) { return blend(read, column, row); });
}

// One thread per network pixel, one layer of the grid per frame.
__global__ void letterbox_kernel(const DeviceFrame* frames,
                                 const __grid_constant__ Positions positions, LetterboxPlan plan,
                                 Normalization normalization, float border, float* out) {
  const int x = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  const int y = static_cast<int>(blockIdx.y * blockDim.y + threadIdx.y);
  if (x >= plan.width || y >= plan.height) return;
  const Color color = letterbox_pixel(frames[positions.of_layer[blockIdx.z]], plan, border, x, y);
  cuda::write_normalized(color, normalization, plan.width, plan.height, blockIdx.z, x, y, out);
}

}  // namespace

void letterbox_cuda(const DeviceFrames& frames, std::span<const int> positions,
                    const LetterboxPlan& plan, const Normalization& normalization, float border,
                    float* out) {
  const std::size_t input = std::size_t{3} * static_cast<std::size_t>(plan.width) * plan.height;
  const dim3 block(32, 8);
  for (std::size_t first = 0; first < positions.size(); first += kFramesPerLaunch) {
    const std::size_t count = std::min(kFramesPerLaunch, positions.size() - first);
    Positions some{};
    std::copy_n(positions.data() + first, count, some.of_layer);
    const dim3 grid = cuda::image_grid(plan.width, plan.height, count, block);
    MIEN_CUDA_LAUNCH(letterbox_kernel, grid, block, frames.impl().stream().get(),
                     frames.impl().frames(), some, plan, normalization, border,
                     out + first * input);
  }
}

}  // namespace mien
