// Maps crop pixels to frame coordinates, for the warp on the CPU and on CUDA.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "image/square_pixels.h"
#include "mien/types.h"

namespace mien {

// Stored pixel (x, y) of crop pixel (u, v): x = xu*u + xv*v + x0, y = yu*u + yv*v + y0.
struct CropMap {
  double xu, xv, x0;
  double yu, yv, y0;
};

// The inverse of `s`, which must be usable (image/similarity.h), then from square to stored pixels.
inline CropMap crop_to_stored(const Similarity& s, const FrameView& frame) {
  const double a = s.a;
  const double b = s.b;
  const double scale2 = a * a + b * b;
  const ImageSize shown = shown_size(frame);
  const StoredAxis x = stored_axis(frame.width, shown.width);
  const StoredAxis y = stored_axis(frame.height, shown.height);
  const double x0 = -(a * s.tx + b * s.ty) / scale2;
  const double y0 = (b * s.tx - a * s.ty) / scale2;
  return {a / scale2 * x.scale,  b / scale2 * x.scale, x0 * x.scale + x.offset,
          -b / scale2 * y.scale, a / scale2 * y.scale, y0 * y.scale + y.offset};
}

// Stored coordinates are fixed point with 32 fractional bits: sums are exact and the same on every
// machine, and floor is a shift.
constexpr int kFraction = 32;

inline std::int64_t to_fixed(double v) {
  constexpr double kFarOutside = 1e9;  // beyond any frame; leaves room for the steps of a row
  return std::llround(std::clamp(v, -kFarOutside, kFarOutside) * (std::int64_t{1} << kFraction));
}

}  // namespace mien
