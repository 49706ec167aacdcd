#include "image/five_points.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace mien {
namespace {

constexpr Points5 kFace{{{30, 40}, {70, 40}, {50, 60}, {35, 90}, {65, 90}}};

Points5 moved(Points5 points, float x, float y) {
  for (Point& p : points) p = {p.x + x, p.y + y};
  return points;
}

TEST(FivePoints, DistanceIsInSizesOfTheFace) {
  EXPECT_EQ(distance_in_faces(kFace, kFace), 0);
  EXPECT_FLOAT_EQ(distance_in_faces(kFace, moved(kFace, 3, 4)), 0.1f);  // 50 from eyes to mouth
}

TEST(FivePoints, AFaceInProfileKeepsItsSize) {
  Points5 profile = kFace;
  for (Point& p : profile) p.x = 50 + (p.x - 50) / 10;
  EXPECT_FLOAT_EQ(distance_in_faces(profile, moved(profile, 3, 4)), 0.1f);
}

TEST(FivePoints, ContradictBeyondAThirdOfAFaceAndWhereNothingCanBeSaid) {
  EXPECT_FALSE(contradict(kFace, moved(kFace, 10, 0)));
  EXPECT_TRUE(contradict(kFace, moved(kFace, 20, 0)));
  EXPECT_TRUE(contradict({}, kFace));
  EXPECT_TRUE(contradict({}, {}));
  EXPECT_TRUE(contradict(kFace, moved(kFace, std::numeric_limits<float>::quiet_NaN(), 0)));
}

}  // namespace
}  // namespace mien
