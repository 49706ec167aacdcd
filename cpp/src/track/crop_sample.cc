#include "track/crop_sample.h"

#include <cmath>
#include <cstddef>

namespace mien {

CropSample sample_crop(const float* channel, int crop_size) {
  CropSample sample;
  for (int y = 0; y < kSampleSide; ++y) {
    const int row = sample_position(y, crop_size);
    for (int x = 0; x < kSampleSide; ++x) {
      sample[y * kSampleSide + x] = channel[row * crop_size + sample_position(x, crop_size)];
    }
  }
  return sample;
}

float correlation(const CropSample& a, const CropSample& b) {
  double sum_a = 0, sum_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    sum_a += a[i];
    sum_b += b[i];
  }
  const double mean_a = sum_a / static_cast<double>(a.size());
  const double mean_b = sum_b / static_cast<double>(b.size());
  double covariance = 0, variance_a = 0, variance_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double da = a[i] - mean_a;
    const double db = b[i] - mean_b;
    covariance += da * db;
    variance_a += da * da;
    variance_b += db * db;
  }
  const double scale = std::sqrt(variance_a * variance_b);
  return scale > 0 ? static_cast<float>(covariance / scale) : 0;
}

}  // namespace mien
