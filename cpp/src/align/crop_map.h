// The way from a crop to its frame, as the CPU and CUDA warps both walk it.
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

// Of a usable similarity (image/similarity.h).
inline CropMap crop_to_frame(const Similarity& s) {
  const double a = s.a;
  const double b = s.b;
  const double scale2 = a * a + b * b;
  return {a / scale2, -b / scale2, -(a * s.tx + b * s.ty) / scale2, (b * s.tx - a * s.ty) / scale2};
}

// Frame coordinates in fixed point, 32 fractional bits: exact sums, the same on every machine, and
// floor is a shift.
constexpr int kFraction = 32;

inline std::int64_t to_fixed(double v) {
  constexpr double kFarOutside = 1e9;  // any frame; leaves room for the steps of a row
  return std::llround(std::clamp(v, -kFarOutside, kFarOutside) * (std::int64_t{1} << kFraction));
}

}  // namespace mien
