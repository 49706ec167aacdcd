// Coarse samples of crops: what a face is compared by from one frame to the next.
#pragma once

#include <array>

#include "device/host_device.h"

namespace mien {

inline constexpr int kSampleSide = 14;
using CropSample = std::array<float, kSampleSide * kSampleSide>;  // row-major

// The crop's row (or column) that row (or column) i of its sample is taken from.
MIEN_HOST_DEVICE inline int sample_position(int i, int crop_size) {
  return (2 * i + 1) * crop_size / (2 * kSampleSide);
}

// Samples one channel, (crop_size, crop_size), of a crop.
CropSample sample_crop(const float* channel, int crop_size);

// Pearson correlation, -1 to 1; 0 if either sample is constant.
float correlation(const CropSample& a, const CropSample& b);

}  // namespace mien
