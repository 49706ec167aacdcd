// Metadata of a small synthetic detector: priors to decode on the CPU and on CUDA.
#pragma once

#include "detect/letterbox.h"
#include "mien/pack.h"

namespace mien::test {

inline DetectorInfo two_levels() {
  DetectorInfo info;
  info.strides = {8, 16};
  info.min_sizes = {{16, 32}, {64}};
  info.variances = {0.1f, 0.2f};
  return info;
}

inline const LetterboxPlan kPlan{64, 32, 64, 32, 2.0f, 3.0f};

}  // namespace mien::test
