#include "track/crop_sample.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace mien {
namespace {

TEST(CropSample, CorrelatesWithBrighterNegativeAndConstantSamples) {
  std::vector<float> channel(112 * 112);
  for (std::size_t i = 0; i < channel.size(); ++i) channel[i] = std::sin(0.37f * float(i));
  const CropSample sample = sample_crop(channel.data(), 112);
  CropSample brighter, negative, flat;
  for (std::size_t i = 0; i < sample.size(); ++i) {
    brighter[i] = 2 * sample[i] + 0.3f;
    negative[i] = -sample[i];
    flat[i] = 1;
  }
  EXPECT_NEAR(correlation(sample, brighter), 1, 1e-6);
  EXPECT_NEAR(correlation(sample, negative), -1, 1e-6);
  EXPECT_EQ(correlation(sample, flat), 0);
}

TEST(CropSample, LiesInsideCropsOfAnySize) {
  for (const int size : {1, 14, 15, 96, 112, 113}) {
    const std::vector<float> channel(static_cast<std::size_t>(size) * size, 3);
    for (const float value : sample_crop(channel.data(), size)) EXPECT_EQ(value, 3);
  }
}

}  // namespace
}  // namespace mien
