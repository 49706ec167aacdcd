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

// One reader for each way in which planes hold colours; 0 <= x < width, 0 <= y < height.
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
};

// use(reader of this frame): asked once for all texels of a pixel, whose loads then don't wait for
// each other.
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

// Linear, in the order of operations that the CPU has.
__host__ __device__ inline float mix(float a, float b, float weight) {
  return a + weight * (b - a);
}

}  // namespace mien::cuda
