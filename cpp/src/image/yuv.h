// The YUV to RGB conversion of one pixel (image/pixels.h, data.h Note [One RGB]), for inlining into
// vectorized loops and kernels.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "device/host_device.h"
#include "image/pixels.h"
#include "runtime/simd.h"

namespace mien {

struct Rgb {
  std::uint8_t r;
  std::uint8_t g;
  std::uint8_t b;
};

// The same in 32-bit lanes, for loops that continue in float: narrowing to bytes would cost more
// than the conversion.
struct WideRgb {
  std::int32_t r;
  std::int32_t g;
  std::int32_t b;
};

MIEN_HOST_DEVICE MIEN_ALWAYS_INLINE std::int32_t clip_to_8_bits(std::int32_t v) {
  return std::clamp(v, 0, 255);
}

MIEN_HOST_DEVICE MIEN_ALWAYS_INLINE WideRgb yuv_to_wide_rgb(std::int32_t y, std::int32_t u,
                                                            std::int32_t v,
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

// The same in float, for loops that sum levels: 32-bit integers multiply at half the speed of
// floats. Coefficients are integers times 2^-13, and no sum needs more than 24 bits, so everything
// is exact. An added half unit makes rounding to nearest equal to the shift, without ties.
struct FloatYuv {
  float luma, offset, red_v, green_u, green_v, blue_u;
};

inline FloatYuv float_yuv(const YuvCoefficients& c) {
  constexpr float unit = 1.0f / (1 << kYuvShift);
  const auto scaled = [](std::int32_t v) { return static_cast<float>(v) * unit; };
  return {scaled(c.luma),    0.5f * unit - scaled(c.luma * c.luma_offset),
          scaled(c.red_v),   scaled(c.green_u),
          scaled(c.green_v), scaled(c.blue_u)};
}

MIEN_ALWAYS_INLINE float luma_term(std::int32_t y, const FloatYuv& c) {
  return c.luma * static_cast<float>(y) + c.offset;
}

// The contribution of chroma to each channel.
struct ChromaTerms {
  float red, green, blue;
};

MIEN_ALWAYS_INLINE ChromaTerms chroma_terms(std::int32_t u, std::int32_t v, const FloatYuv& c) {
  const float cb = static_cast<float>(u - 128);
  const float cr = static_cast<float>(v - 128);
  return {c.red_v * cr, -c.green_u * cb - c.green_v * cr, c.blue_u * cb};
}

// Sums of a few pixels' levels. Adding 2^23, from where floats are integers, rounds a level.
class LevelSums {
 public:
  __attribute__((always_inline)) void add(float luma, const ChromaTerms& chroma) {
    red_ += clip(luma + chroma.red);
    green_ += clip(luma + chroma.green);
    blue_ += clip(luma + chroma.blue);
  }
  float red() const { return red_ - kWhole; }
  float green() const { return green_ - kWhole; }
  float blue() const { return blue_ - kWhole; }

 private:
  static constexpr float kWhole = 0x1p23f;
  // As integers, the bits of positive floats are ordered like the floats, those of negative floats
  // are negative. A comparison of floats would make compilers take care of NaN.
  static float clip(float v) {
    constexpr std::int32_t most = std::bit_cast<std::int32_t>(255.0f);
    return std::bit_cast<float>(std::clamp(std::bit_cast<std::int32_t>(v), 0, most));
  }
  float red_ = kWhole, green_ = kWhole, blue_ = kWhole;
};

}  // namespace mien
