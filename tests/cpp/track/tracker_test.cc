#include "track/tracker.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace mien {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// Tracks the boxes of one frame and returns their numbers.
std::vector<int> update(Tracker& tracker, std::int64_t frame, double time,
                        const std::vector<Box>& boxes) {
  FaceBatch faces;
  faces.add(0, {0, 0, 1, 1}, 1, {});  // of another frame: must not change
  for (const Box& box : boxes) faces.add(1, box, 1, {});
  tracker.update(frame, time, faces, 1, faces.size());
  EXPECT_EQ(faces.track[0], -1);
  return {faces.track.begin() + 1, faces.track.end()};
}

Box square(double x, double y, double side = 50) {
  return {static_cast<float>(x), static_cast<float>(y), static_cast<float>(side),
          static_cast<float>(side)};
}

using Numbers = std::vector<int>;

TEST(Tracker, FacesKeepTheirNumbersInAnyOrder) {
  Tracker tracker;
  EXPECT_EQ(update(tracker, 0, 0.00, {square(0, 0), square(200, 0)}), (Numbers{0, 1}));
  EXPECT_EQ(update(tracker, 1, 0.04, {square(203, 1), square(2, 1)}), (Numbers{1, 0}));
  EXPECT_EQ(update(tracker, 2, 0.08, {square(400, 0), square(4, 2), square(206, 2)}),
            (Numbers{2, 0, 1}));
}

TEST(Tracker, FacesThatCrossKeepTheirNumbersByMotion) {
  Tracker tracker;
  for (int i = 0; i <= 40; ++i) {
    const Box right = square(10 * i, 0);
    const Box left = square(400 - 10 * i, 12);
    if (i >= 18 && i <= 22) {  // one occludes the other
      update(tracker, i, i / 25.0, {});
      continue;
    }
    EXPECT_EQ(update(tracker, i, i / 25.0, {right, left}), (Numbers{0, 1})) << i;
  }
}

TEST(Tracker, VisibleFacesThatCrossKeepTheirNumbers) {
  Tracker tracker;
  for (int i = 0; i <= 40; ++i) {
    EXPECT_EQ(update(tracker, i, i / 25.0, {square(10 * i, 0), square(400 - 10 * i, 12)}),
              (Numbers{0, 1}))
        << i;
  }
}

TEST(Tracker, MotionIsMeasuredInSecondsSoVariableFrameRatesDoNotMatter) {
  Tracker tracker;
  double time = 0;
  for (int i = 0; i < 30; ++i) {
    time += i % 3 == 0 ? 0.2 : 0.05;
    EXPECT_EQ(update(tracker, i, time, {square(300 * time, 0)}), (Numbers{0})) << i;
  }
}

TEST(Tracker, AJumpWithoutOverlapContinuesTheNearTrackOfSimilarSize) {
  Tracker tracker;
  EXPECT_EQ(update(tracker, 0, 0, {square(0, 0), square(300, 0)}), (Numbers{0, 1}));
  EXPECT_EQ(update(tracker, 1, 0.04, {square(335, 0)}), (Numbers{1}));      // 0.7 sides away
  EXPECT_EQ(update(tracker, 2, 0.08, {square(15, 15, 12)}), (Numbers{2}));  // far smaller
  EXPECT_EQ(update(tracker, 3, 0.12, {square(0, 100)}), (Numbers{3}));      // too far
}

TEST(Tracker, ANumberIsNeverUsedAgain) {
  Tracker tracker;
  EXPECT_EQ(update(tracker, 0, 0, {square(0, 0)}), (Numbers{0}));
  EXPECT_EQ(update(tracker, 10, 0.9, {square(0, 0)}), (Numbers{0}));  // within the gap
  for (int i = 11; i < 14; ++i) update(tracker, i, 1.0 + i / 25.0, {});
  EXPECT_EQ(update(tracker, 50, 2.0, {square(0, 0)}), (Numbers{1}));  // 1.1 s later
  EXPECT_EQ(update(tracker, 51, 2.1, {square(500, 0)}), (Numbers{2}));
}

TEST(Tracker, FramesFarApartAreFollowedToo) {
  Tracker tracker;
  for (int i = 0; i < 20; ++i) {  // one face, looked at every ten seconds
    EXPECT_EQ(update(tracker, 240 * i, 10.0 * i, {square(i % 3, 0)}), (Numbers{0})) << i;
  }
  for (int i = 20; i < 23; ++i) EXPECT_EQ(update(tracker, 240 * i, 10.0 * i, {}), Numbers{});
  EXPECT_EQ(update(tracker, 240 * 24, 240, {square(0, 0)}), (Numbers{1}));
}

TEST(Tracker, FramesFarApartWithoutTimesAreFollowedToo) {
  Tracker tracker;
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(update(tracker, 100 * i, kNaN, {square(i % 3, 0)}), (Numbers{0})) << i;
  }
}

TEST(Tracker, WithoutTimesFramesAreCounted) {
  Tracker tracker;
  EXPECT_EQ(update(tracker, 0, kNaN, {square(0, 0)}), (Numbers{0}));
  EXPECT_EQ(update(tracker, 1, kNaN, {square(20, 0)}), (Numbers{0}));
  // 20 pixels a frame: after 20 frames it is expected 400 pixels further on.
  EXPECT_EQ(update(tracker, 21, kNaN, {square(420, 0), square(20, 0)}), (Numbers{0, 1}));
  for (int i = 22; i < 25; ++i) update(tracker, i, kNaN, {});
  EXPECT_EQ(update(tracker, 60, kNaN, {square(420, 0)}), (Numbers{2}));
}

TEST(Tracker, EqualOrDecreasingTimesFallBackToFrames) {
  Tracker tracker;
  EXPECT_EQ(update(tracker, 0, 5, {square(0, 0)}), (Numbers{0}));
  EXPECT_EQ(update(tracker, 1, 5, {square(5, 0)}), (Numbers{0}));
  EXPECT_EQ(update(tracker, 2, 5, {square(10, 0)}), (Numbers{0}));
  EXPECT_EQ(update(tracker, 3, 1, {square(15, 0)}), (Numbers{0}));
  EXPECT_EQ(update(tracker, 4, kNaN, {square(20, 0)}), (Numbers{0}));
  EXPECT_EQ(update(tracker, 5, 1.2, {square(25, 0)}), (Numbers{0}));
}

TEST(Tracker, BoxesWithoutAreaAreHarmless) {
  Tracker tracker;
  EXPECT_EQ(update(tracker, 0, 0, {square(0, 0, 0)}), (Numbers{0}));
  EXPECT_EQ(update(tracker, 1, 0.1, {square(0, 0, 0), square(0, 0)}), (Numbers{1, 2}));
}

TEST(Tracker, TheBetterOverlapWinsAndTheOtherFaceIsNew) {
  Tracker tracker;
  EXPECT_EQ(update(tracker, 0, 0, {square(0, 0)}), (Numbers{0}));
  EXPECT_EQ(update(tracker, 1, 0.1, {square(20, 0), square(3, 0)}), (Numbers{1, 0}));
}

}  // namespace
}  // namespace mien
