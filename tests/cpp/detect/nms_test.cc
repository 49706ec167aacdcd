#include "detect/nms.h"

#include <gtest/gtest.h>

namespace mien {
namespace {

TEST(IntersectionOverUnion, SimpleCases) {
  const Box a{0, 0, 10, 10};
  EXPECT_FLOAT_EQ(intersection_over_union(a, a), 1);
  EXPECT_FLOAT_EQ(intersection_over_union(a, {5, 0, 10, 10}), 1 / 3.0f);
  EXPECT_FLOAT_EQ(intersection_over_union(a, {2, 2, 5, 4}), 0.2f);
  EXPECT_EQ(intersection_over_union(a, {10, 0, 10, 10}), 0);  // touching
  EXPECT_EQ(intersection_over_union(a, {20, 20, 1, 1}), 0);
  EXPECT_EQ(intersection_over_union({0, 0, 0, 0}, {0, 0, 0, 0}), 0);
}

TEST(Nms, KeepsTheBestOfOverlappingBoxes) {
  const std::vector<Box> boxes{{0, 0, 10, 10}, {1, 0, 10, 10}, {30, 0, 10, 10}, {31, 1, 10, 10}};
  EXPECT_EQ(non_maximum_suppression(boxes, {0.5f, 0.9f, 0.8f, 0.7f}, 0.4f, 10),
            (std::vector<int>{1, 2}));
}

TEST(Nms, ABoxAtTheThresholdStays) {
  const std::vector<Box> boxes{{0, 0, 10, 10}, {0, 0, 10, 5}};  // IoU 0.5 exactly
  EXPECT_EQ(non_maximum_suppression(boxes, {0.9f, 0.8f}, 0.5f, 10).size(), 2u);
  EXPECT_EQ(non_maximum_suppression(boxes, {0.9f, 0.8f}, 0.4999f, 10).size(), 1u);
}

TEST(Nms, TiesAreOrderedByIndexAndTheNumberIsLimited) {
  const std::vector<Box> boxes{{0, 0, 1, 1}, {5, 0, 1, 1}, {10, 0, 1, 1}};
  EXPECT_EQ(non_maximum_suppression(boxes, {0.5f, 0.5f, 0.5f}, 0.4f, 2), (std::vector<int>{0, 1}));
  EXPECT_TRUE(non_maximum_suppression({}, {}, 0.4f, 2).empty());
}

// A box that was itself suppressed suppresses nothing.
TEST(Nms, AChainOfOverlapsLosesItsMiddleOnly) {
  const std::vector<Box> boxes{{0, 0, 10, 10}, {4, 0, 10, 10}, {8, 0, 10, 10}};
  EXPECT_EQ(non_maximum_suppression(boxes, {0.9f, 0.8f, 0.7f}, 0.4f, 10), (std::vector<int>{0, 2}));
}

}  // namespace
}  // namespace mien
