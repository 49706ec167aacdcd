// Maps crop pixels to frame coordinates, for the warp on the CPU and on CUDA.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "mien/types.h"

namespace mien {

// x = a*u - b*v + tx, y = b*u + a*v + ty.
struct CropMap {
  double a, b, tx, ty;
};

// The inverse of `s`, which must be usable (image/similarity.h).
inline CropMap crop_to_frame(const Similarity& s) {
  const double a = s.a;
  const double b = s.b;
  const double scale2 = a * a + b * b;
  return {a / scale2, -b / scale2, -(a * s.tx + b * s.ty) / scale2, (b * s.tx - a * s.ty) / scale2};
}

// Frame coordinates are fixed point with 32 fractional bits: sums are exact and the same on every
// machine, and floor is a shift.
constexpr int kFraction = 32;

inline std::int64_t to_fixed(double v) {
  constexpr double kFarOutside = 1e9;  // beyond any frame; leaves room for the steps of a row
  return std::llround(std::clamp(v, -kFarOutside, kFarOutside) * (std::int64_t{1} << kFraction));
}

}  // namespace mien
