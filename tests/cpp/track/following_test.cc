#include "track/following.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "image/similarity.h"

namespace mien {
namespace {

constexpr Similarity kCrop{0.8f, 0.1f, -30, 12};

Similarity turned(const Similarity& s, double angle, float scale, float dx) {
  const float a = static_cast<float>(std::cos(angle)) * scale;
  const float b = static_cast<float>(std::sin(angle)) * scale;
  // Rotation about the crop's middle, so that only the angle and the scale change.
  const float m = 55.5f;
  const Similarity r{a, b, m - a * m + b * m + dx, m - b * m - a * m};
  return {r.a * s.a - r.b * s.b, r.b * s.a + r.a * s.b, r.a * s.tx - r.b * s.ty + r.tx,
          r.b * s.tx + r.a * s.ty + r.ty};
}

TEST(Following, HalfTheMotionGoesOn) {
  Followed face;
  face.points = {{{10, 20}, {30, 20}, {20, 30}, {12, 40}, {28, 40}}};
  face.motion = {4, -2};
  const Points5 next = predict(face);
  for (std::size_t i = 0; i < next.size(); ++i) {
    EXPECT_FLOAT_EQ(next[i].x, face.points[i].x + 2);
    EXPECT_FLOAT_EQ(next[i].y, face.points[i].y - 1);
  }
}

TEST(Following, ABoxGoesToTheCropAndBack) {
  const Box box{100, 50, 60, 80};
  const Box back = box_to_frame(box_to_crop(box, kCrop), kCrop);
  EXPECT_NEAR(back.x, box.x, 1e-3);
  EXPECT_NEAR(back.y, box.y, 1e-3);
  EXPECT_NEAR(back.width, box.width, 1e-3);
  EXPECT_NEAR(back.height, box.height, 1e-3);
  const Box twice = box_to_frame(box_to_crop(box, {1, 0, 0, 0}), {0.5f, 0, 0, 0});
  EXPECT_FLOAT_EQ(twice.width, 120);  // the face came nearer: the crop shrinks it more
  EXPECT_FLOAT_EQ(twice.x, 200);
}

TEST(Following, CorrelationOfSamples) {
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

TEST(Following, SamplesLieInsideAnyCrop) {
  for (const int size : {1, 14, 15, 96, 112, 113}) {
    const std::vector<float> channel(static_cast<std::size_t>(size) * size, 3);
    for (const float value : sample_crop(channel.data(), size)) EXPECT_EQ(value, 3);
  }
}

TEST(Following, SmallDisagreementsPass) {
  EXPECT_TRUE(agree(kCrop, kCrop, 112));
  EXPECT_TRUE(agree(kCrop, turned(kCrop, 0.2, 1.1f, 10), 112));
}

TEST(Following, LargeDisagreementsDoNot) {
  EXPECT_FALSE(agree(kCrop, turned(kCrop, 0, 1, 40), 112));
  EXPECT_FALSE(agree(kCrop, turned(kCrop, 0, 1.5f, 0), 112));
  EXPECT_FALSE(agree(kCrop, turned(kCrop, 0, 0.6f, 0), 112));
  EXPECT_FALSE(agree(kCrop, turned(kCrop, 0.6, 1, 0), 112));
  EXPECT_FALSE(agree(kCrop, turned(kCrop, -0.6, 1, 0), 112));
  EXPECT_FALSE(agree(kCrop, {0, 0, 0, 0}, 112));
  EXPECT_FALSE(agree(kCrop, {NAN, 0, 0, 0}, 112));
}

}  // namespace
}  // namespace mien
