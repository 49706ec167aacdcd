#include "track/face_motion.h"

#include <gtest/gtest.h>

#include <cmath>

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

TEST(FaceMotion, PredictsHalfOfTheLastMotion) {
  TrackedFace face;
  face.points = {{{10, 20}, {30, 20}, {20, 30}, {12, 40}, {28, 40}}};
  face.motion = {4, -2};
  const Points5 next = predict_points(face);
  for (std::size_t i = 0; i < next.size(); ++i) {
    EXPECT_FLOAT_EQ(next[i].x, face.points[i].x + 2);
    EXPECT_FLOAT_EQ(next[i].y, face.points[i].y - 1);
  }
}

TEST(FaceMotion, MapsABoxToTheCropAndBack) {
  const Box box{100, 50, 60, 80};
  const Box back = box_to_frame(box_to_crop(box, kCrop), kCrop);
  EXPECT_NEAR(back.x, box.x, 1e-3);
  EXPECT_NEAR(back.y, box.y, 1e-3);
  EXPECT_NEAR(back.width, box.width, 1e-3);
  EXPECT_NEAR(back.height, box.height, 1e-3);
  const Box twice = box_to_frame(box_to_crop(box, {1, 0, 0, 0}), {0.5f, 0, 0, 0});
  EXPECT_FLOAT_EQ(twice.width, 120);  // the face came nearer, so the crop has a smaller scale
  EXPECT_FLOAT_EQ(twice.x, 200);
}

TEST(FaceMotion, AcceptsLandmarksNearTheCropTemplate) {
  EXPECT_TRUE(landmarks_fit_crop(kCrop, kCrop, 112));
  EXPECT_TRUE(landmarks_fit_crop(kCrop, turned(kCrop, 0.2, 1.1f, 10), 112));
}

TEST(FaceMotion, RejectsLandmarksFarFromTheCropTemplate) {
  EXPECT_FALSE(landmarks_fit_crop(kCrop, turned(kCrop, 0, 1, 40), 112));
  EXPECT_FALSE(landmarks_fit_crop(kCrop, turned(kCrop, 0, 1.5f, 0), 112));
  EXPECT_FALSE(landmarks_fit_crop(kCrop, turned(kCrop, 0, 0.6f, 0), 112));
  EXPECT_FALSE(landmarks_fit_crop(kCrop, turned(kCrop, 0.6, 1, 0), 112));
  EXPECT_FALSE(landmarks_fit_crop(kCrop, turned(kCrop, -0.6, 1, 0), 112));
  EXPECT_FALSE(landmarks_fit_crop(kCrop, {0, 0, 0, 0}, 112));
  EXPECT_FALSE(landmarks_fit_crop(kCrop, {NAN, 0, 0, 0}, 112));
}

}  // namespace
}  // namespace mien
