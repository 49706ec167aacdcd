#include "detect/priors.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "synthetic_network.h"

namespace mien {
namespace {

// Outputs in which no prior reaches any threshold.
struct Outputs {
  explicit Outputs(std::size_t n) : scores(n, -20.0f), boxes(4 * n), points(10 * n) {}
  DetectorOutput view() const { return {scores.data(), boxes.data(), points.data()}; }
  std::vector<float> scores, boxes, points;
};

const DecodeOptions kOptions{0.5f, 0.4f, 10};
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

TEST(Priors, AreOrderedByStrideRowColumnSize) {
  const std::vector<Prior> priors = make_priors(test::two_levels(), 64, 32);
  ASSERT_EQ(priors.size(), 8u * 4 * 2 + 4 * 2);
  EXPECT_EQ(priors[0].cx, 4);
  EXPECT_EQ(priors[0].side, 16);
  EXPECT_EQ(priors[1].cx, 4);
  EXPECT_EQ(priors[1].side, 32);
  EXPECT_EQ(priors[2].cx, 12);
  EXPECT_EQ(priors[2].cy, 4);
  EXPECT_EQ(priors[16].cx, 4);
  EXPECT_EQ(priors[16].cy, 12);
  EXPECT_EQ(priors[64].cx, 8);
  EXPECT_EQ(priors[64].side, 64);
}

TEST(DecodeFaces, ZeroOffsetsGiveThePriorInFramePixels) {
  const std::vector<Prior> priors = make_priors(test::two_levels(), 64, 32);
  Outputs outputs(priors.size());
  outputs.scores[64] = 1;  // centre 8, 8; side 64
  FaceBatch faces;
  decode_faces(outputs.view(), priors, test::two_levels(), test::kPlan, kOptions, 7, faces);
  ASSERT_EQ(faces.size(), 1u);
  EXPECT_EQ(faces.frame[0], 7);
  EXPECT_EQ(faces.track[0], -1);
  EXPECT_FLOAT_EQ(faces.score[0], 1 / (1 + std::exp(-1.0f)));
  EXPECT_FLOAT_EQ(faces.box[0].x, -24 * 2 - 0.5f);
  EXPECT_FLOAT_EQ(faces.box[0].y, -24 * 3 - 0.5f);
  EXPECT_FLOAT_EQ(faces.box[0].width, 128);
  EXPECT_FLOAT_EQ(faces.box[0].height, 192);
  EXPECT_FLOAT_EQ(faces.points[0][4].x, 8 * 2 - 0.5f);
  EXPECT_FLOAT_EQ(faces.points[0][4].y, 8 * 3 - 0.5f);
}

TEST(DecodeFaces, OffsetsMoveAndStretch) {
  const std::vector<Prior> priors = make_priors(test::two_levels(), 64, 32);
  Outputs outputs(priors.size());
  outputs.scores[64] = 3;
  const float offsets[4] = {1, -2, 0.5f, -0.5f};
  std::copy(offsets, offsets + 4, outputs.boxes.begin() + 4 * 64);
  outputs.points[640 + 2] = 2.5f;  // x of the second point
  FaceBatch faces;
  decode_faces(outputs.view(), priors, test::two_levels(), test::kPlan, kOptions, 0, faces);
  ASSERT_EQ(faces.size(), 1u);
  const float width = 64 * std::exp(0.1f);
  const float height = 64 * std::exp(-0.1f);
  EXPECT_FLOAT_EQ(faces.box[0].width, 2 * width);
  EXPECT_FLOAT_EQ(faces.box[0].height, 3 * height);
  EXPECT_NEAR(faces.box[0].x, 2 * (8 + 6.4f - width / 2) - 0.5f, 1e-4);
  EXPECT_NEAR(faces.box[0].y, 3 * (8 - 12.8f - height / 2) - 0.5f, 1e-4);
  EXPECT_NEAR(faces.points[0][1].x, 2 * (8 + 16.0f) - 0.5f, 1e-4);
}

TEST(DecodeFaces, ReturnsTheBestFacesFirst) {
  const std::vector<Prior> priors = make_priors(test::two_levels(), 64, 32);
  Outputs outputs(priors.size());
  outputs.scores[0] = 1;
  outputs.scores[14] = 3;  // the other end of the row
  outputs.scores[48] = 2;  // the last row
  FaceBatch faces;
  decode_faces(outputs.view(), priors, test::two_levels(), test::kPlan, {0.5f, 0.4f, 2}, 0, faces);
  ASSERT_EQ(faces.size(), 2u);
  EXPECT_GT(faces.score[0], faces.score[1]);
  EXPECT_FLOAT_EQ(faces.box[0].width, 32);
  EXPECT_FLOAT_EQ(faces.box[1].y, 3 * (28 - 8) - 0.5f);
}

TEST(DecodeFaces, AScoreAtTheThresholdCounts) {
  const std::vector<Prior> priors = make_priors(test::two_levels(), 64, 32);
  Outputs outputs(priors.size());
  outputs.scores[3] = 0;  // probability 0.5 exactly
  FaceBatch faces;
  decode_faces(outputs.view(), priors, test::two_levels(), test::kPlan, {0.5f, 0.4f, 10}, 0, faces);
  EXPECT_EQ(faces.size(), 1u);
  faces.clear();
  decode_faces(outputs.view(), priors, test::two_levels(), test::kPlan, {0.50001f, 0.4f, 10}, 0,
               faces);
  EXPECT_EQ(faces.size(), 0u);
  decode_faces(outputs.view(), priors, test::two_levels(), test::kPlan, {1.0f, 0.4f, 10}, 0, faces);
  EXPECT_EQ(faces.size(), 0u);
}

TEST(DecodeFaces, NonFiniteFacesAreDroppedAndSuppressNothing) {
  const std::vector<Prior> priors = make_priors(test::two_levels(), 64, 32);
  Outputs outputs(priors.size());
  outputs.scores[0] = kNaN;
  outputs.scores[2] = 5;
  outputs.boxes[4 * 2] = kNaN;
  outputs.scores[4] = 5;
  outputs.boxes[4 * 4 + 2] = 1e6f;  // exp overflows
  outputs.scores[6] = 5;
  outputs.points[10 * 6 + 9] = std::numeric_limits<float>::infinity();
  outputs.scores[8] = 1;
  FaceBatch faces;
  decode_faces(outputs.view(), priors, test::two_levels(), test::kPlan, kOptions, 0, faces);
  ASSERT_EQ(faces.size(), 1u);
  EXPECT_FLOAT_EQ(faces.points[0][0].x, 2 * 36 - 0.5f);
}

}  // namespace
}  // namespace mien
