#include "detect/turned.h"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>

#include "image/similarity.h"

namespace mien {
namespace {

constexpr int kSide = 128;
constexpr Box kBox{100, 50, 60, 80};  // centre (130, 90)
constexpr Points5 kFace{{{110, 80}, {150, 80}, {130, 95}, {115, 120}, {145, 120}}};

Points5 upside_down(const Points5& points) {
  Points5 out = points;
  for (Point& p : out) p = {260 - p.x, 180 - p.y};
  return out;
}

std::array<TurnedView, kTurns> views_of(float upright, float turned) {
  return {{{upright, kFace}, {0.4f, kFace}, {turned, upside_down(kFace)}, {0.4f, kFace}}};
}

TEST(TurnedPatch, TheBoxLiesInTheMiddleWhateverTheTurn) {
  for (int turn = 0; turn < kTurns; ++turn) {
    const Similarity s = turned_patch(kBox, turn, kSide);
    const Point middle = apply(s, {130, 90});
    EXPECT_NEAR(middle.x, 63.5f, 1e-3);
    EXPECT_NEAR(middle.y, 63.5f, 1e-3);
  }
  const Point upper_left = apply(turned_patch(kBox, 1, kSide), {130, 50});  // the top's middle
  EXPECT_GT(upper_left.x, 100);  // lies at the right, after a quarter clockwise
  EXPECT_NEAR(upper_left.y, 63.5f, 1e-3);
}

TEST(TurnedPatch, TheBestFaceInTheMiddleIsMappedBack) {
  const Similarity s = turned_patch(kBox, 2, kSide);
  Points5 in_patch = kFace;
  for (Point& p : in_patch) p = apply(s, p);
  FaceBatch found;
  found.add(2, {0, 0, 30, 30}, 0.95f, {});   // off the middle
  found.add(1, {44, 44, 40, 40}, 0.9f, {});  // another patch
  found.add(2, {44, 44, 40, 40}, 0.8f, in_patch);
  found.add(2, {40, 44, 40, 40}, 0.7f, {});
  const TurnedView view = best_in_patch(found, 2, s, kSide);
  EXPECT_EQ(view.score, 0.8f);
  for (std::size_t i = 0; i < kFace.size(); ++i) {
    EXPECT_NEAR(view.points[i].x, kFace[i].x, 1e-3);
    EXPECT_NEAR(view.points[i].y, kFace[i].y, 1e-3);
  }
  EXPECT_EQ(best_in_patch(found, 3, s, kSide).score, 0);
}

TEST(IsClear, AGoodViewThatAgreesIsEnough) {
  EXPECT_TRUE(is_clear(kFace, {0.91f, kFace}));
  EXPECT_FALSE(is_clear(kFace, {0.89f, kFace}));
  EXPECT_FALSE(is_clear(kFace, {0.95f, upside_down(kFace)}));
  EXPECT_FALSE(is_clear(kFace, {}));
}

TEST(Settle, PointsThatTheBestViewAgreesWithAreKept) {
  const SettledPoints settled = settle(kFace, views_of(0.9f, 0.6f));
  EXPECT_EQ(settled.status, Status::kOk);
  EXPECT_EQ(settled.points[0].x, kFace[0].x);
}

TEST(Settle, AViewThatIsClearlyBetterGivesItsPoints) {
  const SettledPoints settled = settle(kFace, views_of(0.6f, 0.9f));
  EXPECT_EQ(settled.status, Status::kOk);
  EXPECT_EQ(settled.points[0].x, upside_down(kFace)[0].x);
}

TEST(Settle, ADoubtfulLeadIsFlagged) {
  const SettledPoints settled = settle(kFace, views_of(0.8f, 0.81f));
  EXPECT_EQ(settled.status, Status::kLowQuality);
  EXPECT_EQ(settled.points[0].x, kFace[0].x);
}

// Points of a tilted face, a third of a face away.
TEST(Settle, AViewThatDiffersNeedsAClearLead) {
  auto views = views_of(0.6f, 0);
  for (Point& p : views[1].points) p.x += 13;
  views[1].score = 0.65f;
  EXPECT_EQ(settle(kFace, views).points[0].x, kFace[0].x);
  views[1].score = 0.8f;
  EXPECT_EQ(settle(kFace, views).points[0].x, kFace[0].x + 13);
  EXPECT_EQ(settle(kFace, views).status, Status::kOk);
}

TEST(Settle, PatchesWithoutAFaceSayNothing) {
  const SettledPoints settled = settle(kFace, {});
  EXPECT_EQ(settled.status, Status::kOk);
  EXPECT_EQ(settled.points[3].y, kFace[3].y);
  EXPECT_EQ(settle(kFace, views_of(0.3f, 0.55f)).status, Status::kOk);
}

}  // namespace
}  // namespace mien
