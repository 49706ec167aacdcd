#include "detect/merge.h"

#include <gtest/gtest.h>

namespace mien {
namespace {

// Faces of squares: frame, x, side, score.
struct Square {
  int frame;
  float x;
  float side;
  float score;
};

FaceBatch look(const std::vector<Square>& squares) {
  FaceBatch faces;
  for (const Square& s : squares) {
    Points5 points{};
    points[0] = {s.x, s.score};  // tells which face's points were kept
    faces.add(s.frame, {s.x, 0, s.side, s.side}, s.score, points);
  }
  return faces;
}

TEST(MergeFaces, TheBetterScoreOfTheSameFaceIsKeptWithItsPoints) {
  FaceBatch merged;
  merge_faces({look({{0, 10, 100, 0.6f}}), look({{0, 12, 100, 0.9f}})}, 0.4f, 10, merged);
  ASSERT_EQ(merged.size(), 1u);
  EXPECT_EQ(merged.box[0].x, 12);
  EXPECT_EQ(merged.points[0][0].x, 12);
  EXPECT_EQ(merged.points[0][0].y, 0.9f);
  EXPECT_EQ(merged.track[0], -1);
}

TEST(MergeFaces, FacesOfOneLookOnlyAreKeptFrameByFrameBestFirst) {
  FaceBatch merged;
  merge_faces({look({{0, 0, 100, 0.7f}, {2, 0, 100, 0.5f}}),
               look({{0, 300, 20, 0.8f}, {1, 40, 20, 0.9f}, {2, 300, 20, 0.4f}})},
              0.4f, 10, merged);
  EXPECT_EQ(merged.frame, (std::vector<int>{0, 0, 1, 2, 2}));
  EXPECT_EQ(merged.score, (std::vector<float>{0.8f, 0.7f, 0.9f, 0.5f, 0.4f}));
}

TEST(MergeFaces, AtMostSoManyFacesAFrameAndTheEarlierLookOfEqualScores) {
  FaceBatch merged;
  merge_faces({look({{0, 0, 10, 0.5f}}), look({{0, 1, 10, 0.5f}, {0, 50, 10, 0.5f}})}, 0.4f, 1,
              merged);
  ASSERT_EQ(merged.size(), 1u);
  EXPECT_EQ(merged.box[0].x, 0);
  merge_faces({}, 0.4f, 1, merged);
  EXPECT_EQ(merged.size(), 1u);  // appended to, not replaced
}

}  // namespace
}  // namespace mien
