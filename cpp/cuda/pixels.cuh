// The RGB values of a frame inside a kernel: the integers of image/yuv.h (data.h, Note [One RGB]).
#pragma once

#include <cstddef>
#include <cstdint>

#include "cuda/frames.h"
#include "image/yuv.h"
#include "mien/types.h"

namespace mien::cuda {

struct Color {
  float channel[3];
};

__host__ __device__ inline std::int32_t sample(const Plane& plane, int x, int y) {
  return plane.data[y * plane.row_stride + x * plane.pixel_stride];
}

// One reader per colour model; 0 <= x < width, 0 <= y < height.
struct GrayReader {
  const DeviceFrame& frame;
  __host__ __device__ Color operator()(int x, int y) const {
    const float grey = static_cast<float>(sample(frame.view.planes[0], x, y));
    return {{grey, grey, grey}};
  }
};

struct RgbReader {
  const DeviceFrame& frame;
  __host__ __device__ Color operator()(int x, int y) const {
    return {{static_cast<float>(sample(frame.view.planes[0], x, y)),
             static_cast<float>(sample(frame.view.planes[1], x, y)),
             static_cast<float>(sample(frame.view.planes[2], x, y))}};
  }
};

struct YuvReader {
  const DeviceFrame& frame;
  __host__ __device__ Color operator()(int x, int y) const {
    const FrameView& f = frame.view;
    const int chroma_x = x >> f.chroma_shift_x;
    const int chroma_y = y >> f.chroma_shift_y;
    const WideRgb rgb =
        yuv_to_wide_rgb(sample(f.planes[0], x, y), sample(f.planes[1], chroma_x, chroma_y),
                        sample(f.planes[2], chroma_x, chroma_y), frame.coefficients);
    return {{static_cast<float>(rgb.r), static_cast<float>(rgb.g), static_cast<float>(rgb.b)}};
  }
};

// Calls `use` with the reader of this frame. The model is tested once for all texels of a pixel, so
// that their loads don't wait for each other.
template <typename Use>
__host__ __device__ inline Color with_reader(const DeviceFrame& frame, const Use& use) {
  switch (frame.view.model) {
    case ColorModel::kGray:
      return use(GrayReader{frame});
    case ColorModel::kRgb:
      return use(RgbReader{frame});
    case ColorModel::kYuv:
      return use(YuvReader{frame});
  }
  return {};
}

// Linear interpolation, with the CPU's order of operations.
__host__ __device__ inline float mix(float a, float b, float weight) {
  return a + weight * (b - a);
}

// Writes pixel (x, y) of layer `layer` of a network's input (layers, 3, height, width).
__host__ __device__ inline void write_normalized(const Color& color,
                                                 const Normalization& normalization, int width,
                                                 int height, unsigned layer, int x, int y,
                                                 float* out) {
  const std::size_t plane = static_cast<std::size_t>(width) * height;
  float* at = out + layer * 3 * plane + static_cast<std::size_t>(y) * width + x;
  const float* mean = reinterpret_cast<const float*>(&normalization.mean);
  const float* std = reinterpret_cast<const float*>(&normalization.std);
  for (int c = 0; c < 3; ++c) at[c * plane] = (color.channel[c] - mean[c]) * (1 / std[c]);
}

}  // namespace mien::cuda
