#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "align/crop_map.h"
#include "align/warp_cuda.h"
#include "cuda/launch.h"
#include "cuda/pixels.cuh"
#include "image/similarity.h"

namespace mien {
namespace {

using cuda::Color;

// One face: its frame and the map from its crop to that frame, in fixed point (crop_map.h).
struct Face {
  std::int64_t xu, xv, x0;
  std::int64_t yu, yv, y0;
  std::int32_t frame;
  bool is_usable;
};

// Faces per launch: they are passed as a kernel argument (4 KiB at most), which saves an upload.
constexpr int kFacesPerLaunch = 48;
struct Faces {
  Face face[kFacesPerLaunch];
};
static_assert(sizeof(Faces) <= 3072);

struct Axis {
  int first;
  float weight;
};

__host__ __device__ Axis locate(std::int64_t at) {
  const std::uint32_t fraction = static_cast<std::uint32_t>(at) >> 8;
  return {static_cast<int>(at >> kFraction), static_cast<float>(fraction) * 0x1p-24f};
}

// The texel, or `border` outside the frame. The nearest texel is read in either case: four
// unconditional loads are faster than four branches.
template <typename Reader>
__host__ __device__ Color texel(const Reader& read, float border, int x, int y) {
  const FrameView& view = read.frame.view;
  const int inside_x = x < 0 ? 0 : (x < view.width ? x : view.width - 1);
  const int inside_y = y < 0 ? 0 : (y < view.height ? y : view.height - 1);
  const Color color = read(inside_x, inside_y);
  const bool inside = inside_x == x && inside_y == y;
  return inside ? color : Color{{border, border, border}};
}

// The same sums in the same order as on the CPU.
template <typename Reader>
__host__ __device__ Color blend(const Reader& read, float border, const Axis& x, const Axis& y) {
  const Color t00 = texel(read, border, x.first, y.first);
  const Color t01 = texel(read, border, x.first + 1, y.first);
  const Color t10 = texel(read, border, x.first, y.first + 1);
  const Color t11 = texel(read, border, x.first + 1, y.first + 1);
  Color out;
  for (int c = 0; c < 3; ++c) {
    const float upper = cuda::mix(t00.channel[c], t01.channel[c], x.weight);
    const float lower = cuda::mix(t10.channel[c], t11.channel[c], x.weight);
    out.channel[c] = cuda::mix(upper, lower, y.weight);
  }
  return out;
}

__host__ __device__ Color warp_pixel(const DeviceFrame& frame, const Face& face, float border,
                                     int u, int v) {
  if (!face.is_usable || frame.view.width <= 0 || frame.view.height <= 0) {
    return {{border, border, border}};
  }
  const Axis x = locate(face.x0 + u * face.xu + v * face.xv);
  const Axis y = locate(face.y0 + u * face.yu + v * face.yv);
  return cuda::with_reader(frame, [&](const auto& read) { return blend(read, border, x, y); });
}

// One thread per crop pixel, one layer of the grid per face.
__global__ void warp_kernel(const DeviceFrame* frames, const __grid_constant__ Faces faces,
                            int size, Normalization normalization, float border, float* out) {
  const int u = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  const int v = static_cast<int>(blockIdx.y * blockDim.y + threadIdx.y);
  if (u >= size || v >= size) return;
  const Face& face = faces.face[blockIdx.z];
  const Color color = warp_pixel(frames[face.frame], face, border, u, v);
  cuda::write_normalized(color, normalization, size, size, blockIdx.z, u, v, out);
}

Face make_face(int position, const FrameView& frame, const Similarity& similarity) {
  if (!is_usable(similarity)) return {0, 0, 0, 0, 0, 0, position, false};
  const CropMap map = crop_to_stored(similarity, frame);
  return {to_fixed(map.xu), to_fixed(map.xv), to_fixed(map.x0), to_fixed(map.yu),
          to_fixed(map.yv), to_fixed(map.y0), position,         true};
}

}  // namespace

void warp_cuda(const DeviceFrames& frames, std::span<const int> frame,
               std::span<const Similarity> frame_to_crop, int size,
               const Normalization& normalization, float border, float* out) {
  const std::size_t crop = std::size_t{3} * static_cast<std::size_t>(size) * size;
  const dim3 block(16, 16);
  for (std::size_t first = 0; first < frame.size(); first += kFacesPerLaunch) {
    const std::size_t count = std::min<std::size_t>(kFacesPerLaunch, frame.size() - first);
    Faces faces{};
    for (std::size_t i = 0; i < count; ++i) {
      const int position = frame[first + i];
      faces.face[i] = make_face(position, frames.impl().view(static_cast<std::size_t>(position)),
                                frame_to_crop[first + i]);
    }
    MIEN_CUDA_LAUNCH(warp_kernel, cuda::image_grid(size, size, count, block), block,
                     frames.impl().stream().get(), frames.impl().frames(), faces, size,
                     normalization, border, out + first * crop);
  }
}

}  // namespace mien
