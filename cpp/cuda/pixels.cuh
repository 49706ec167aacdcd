// The RGB values of a frame inside a kernel: the integers of core/yuv.h (data.h, Note [One RGB]).
#pragma once

#include <cstdint>

#include "cuda/frames.h"

namespace mien::cuda {

struct Color {
  float channel[3];
};

__host__ __device__ inline std::int32_t sample(const Plane& plane, int x, int y) {
  return plane.data[y * plane.row_stride + x * plane.pixel_stride];
}

__host__ __device__ inline float clip_to_8_bits(std::int32_t v) {
  return static_cast<float>(v < 0 ? 0 : (v > 255 ? 255 : v));
}

// 0 <= x < width, 0 <= y < height.
__host__ __device__ inline Color read_rgb(const DeviceFrame& frame, int x, int y) {
  const FrameView& f = frame.view;
  if (f.model == ColorModel::kGray) {
    const float grey = static_cast<float>(sample(f.planes[0], x, y));
    return {{grey, grey, grey}};
  }
  if (f.model == ColorModel::kRgb) {
    return {{static_cast<float>(sample(f.planes[0], x, y)),
             static_cast<float>(sample(f.planes[1], x, y)),
             static_cast<float>(sample(f.planes[2], x, y))}};
  }
  const YuvCoefficients& c = frame.coefficients;
  const int chroma_x = x >> f.chroma_shift_x;
  const int chroma_y = y >> f.chroma_shift_y;
  const std::int32_t half = 1 << (kYuvShift - 1);
  const std::int32_t luma = c.luma * (sample(f.planes[0], x, y) - c.luma_offset) + half;
  const std::int32_t cb = sample(f.planes[1], chroma_x, chroma_y) - 128;
  const std::int32_t cr = sample(f.planes[2], chroma_x, chroma_y) - 128;
  return {{clip_to_8_bits((luma + c.red_v * cr) >> kYuvShift),
           clip_to_8_bits((luma - c.green_u * cb - c.green_v * cr) >> kYuvShift),
           clip_to_8_bits((luma + c.blue_u * cb) >> kYuvShift)}};
}

}  // namespace mien::cuda
