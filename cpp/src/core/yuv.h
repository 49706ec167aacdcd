// The YUV to RGB conversion of one pixel (core/pixels.h, data.h Note [One RGB]), for inlining into
// vectorized loops.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/pixels.h"
#include "core/simd.h"

namespace mien {

struct Rgb {
  std::uint8_t r;
  std::uint8_t g;
  std::uint8_t b;
};

// The same in wide lanes, for loops that go on with floats: narrowing costs more than the sums.
struct WideRgb {
  std::int32_t r;
  std::int32_t g;
  std::int32_t b;
};

MIEN_ALWAYS_INLINE std::int32_t clip_to_8_bits(std::int32_t v) { return std::clamp(v, 0, 255); }

MIEN_ALWAYS_INLINE WideRgb yuv_to_wide_rgb(std::int32_t y, std::int32_t u, std::int32_t v,
                                           const YuvCoefficients& c) {
  constexpr std::int32_t half = 1 << (kYuvShift - 1);
  const std::int32_t luma = c.luma * (y - c.luma_offset) + half;
  const std::int32_t cb = u - 128;
  const std::int32_t cr = v - 128;
  return {clip_to_8_bits((luma + c.red_v * cr) >> kYuvShift),
          clip_to_8_bits((luma - c.green_u * cb - c.green_v * cr) >> kYuvShift),
          clip_to_8_bits((luma + c.blue_u * cb) >> kYuvShift)};
}

MIEN_ALWAYS_INLINE Rgb yuv_to_rgb(std::uint8_t y, std::uint8_t u, std::uint8_t v,
                                  const YuvCoefficients& c) {
  const WideRgb rgb = yuv_to_wide_rgb(y, u, v, c);
  return {static_cast<std::uint8_t>(rgb.r), static_cast<std::uint8_t>(rgb.g),
          static_cast<std::uint8_t>(rgb.b)};
}

}  // namespace mien
