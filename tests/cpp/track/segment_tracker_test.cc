#include "track/segment_tracker.h"

#include <gtest/gtest.h>

#include <vector>

#include "image/similarity.h"

namespace mien {
namespace {

constexpr int kWidth = 640;
constexpr int kHeight = 360;
constexpr Points5 kTemplate{{{38, 52}, {74, 52}, {56, 72}, {42, 92}, {70, 92}}};
constexpr SegmentTrackerOptions kOptions{.crop_template = kTemplate,
                                         .crop_size = 112,
                                         .max_iou = 0.4f,
                                         .max_faces = 3,
                                         .detect_interval = 4};

Points5 points_at(float x, float y) {
  Points5 points = kTemplate;
  for (Point& p : points) p = {p.x + x, p.y + y};
  return points;
}

Box box_at(float x, float y) { return {x, y, 112, 112}; }

CropSample sample_of(int face) {
  CropSample sample;
  for (std::size_t i = 0; i < sample.size(); ++i) {
    sample[i] = static_cast<float>((i * static_cast<std::size_t>(2 * face + 3)) % 17);
  }
  return sample;
}

// Stands in for the networks: the crop is cut by the points asked for, and landmarks are found at
// the points that a test names.
struct Observations {
  void add(const Points5& asked, const Points5& found, const CropSample& sample) {
    frame_to_crop.push_back(fit_similarity(asked, kTemplate));
    points.push_back(found);
    samples.push_back(sample);
  }
  operator FaceObservations() const { return {frame_to_crop, points, samples}; }

  std::vector<Similarity> frame_to_crop;
  std::vector<Points5> points;
  std::vector<CropSample> samples;
};

// What the networks see where each face is just where it was expected.
Observations as_expected(const FaceBatch& faces) {
  Observations seen;
  for (std::size_t i = 0; i < faces.size(); ++i) {
    seen.add(faces.points[i], faces.points[i], sample_of(static_cast<int>(i)));
  }
  return seen;
}

// A tracker that has seen one frame with a face at each of these places, best score first.
SegmentTracker tracker_of(const std::vector<Point>& places) {
  SegmentTracker tracker(kOptions);
  FaceBatch found;
  float score = 0.9f;
  for (const Point& at : places) {
    found.add(0, box_at(at.x, at.y), score, points_at(at.x, at.y));
    score -= 0.1f;
  }
  tracker.start_frame(0);
  tracker.predict();
  EXPECT_FALSE(tracker.confirm({}, kWidth, kHeight));
  FaceBatch fresh;
  tracker.select_new(found, fresh);
  tracker.add_new(fresh, as_expected(fresh));
  tracker.remember(as_expected(tracker.faces()));
  return tracker;
}

void start_next_frame(SegmentTracker& tracker, int position = 1) {
  tracker.start_frame(position);
  tracker.predict();
}

TEST(SegmentTracker, AsksForADetectionInAFrameWithoutTrackedFaces) {
  SegmentTracker tracker(kOptions);
  start_next_frame(tracker);
  EXPECT_FALSE(tracker.confirm({}, kWidth, kHeight));
  EXPECT_EQ(tracker.faces().size(), 0u);
}

TEST(SegmentTracker, ConfirmsFacesThatLookTheSameAndMovesTheirBoxes) {
  SegmentTracker tracker = tracker_of({{100, 50}, {300, 50}});
  start_next_frame(tracker, 7);
  ASSERT_EQ(tracker.faces().size(), 2u);
  EXPECT_EQ(tracker.faces().frame[0], 7);
  Observations seen;
  seen.add(points_at(100, 50), points_at(104, 52), sample_of(0));
  seen.add(points_at(300, 50), points_at(300, 50), sample_of(1));
  EXPECT_TRUE(tracker.confirm(seen, kWidth, kHeight));
  EXPECT_NEAR(tracker.faces().box[0].x, 104, 1e-2);
  EXPECT_NEAR(tracker.faces().box[0].y, 52, 1e-2);
  EXPECT_NEAR(tracker.faces().box[1].x, 300, 1e-2);
}

TEST(SegmentTracker, PredictsTheMotionOfTheLastTwoFrames) {
  SegmentTracker tracker = tracker_of({{100, 50}});
  for (const float x : {104.0f, 108.0f}) {
    start_next_frame(tracker);
    Observations seen;
    seen.add(tracker.faces().points[0], points_at(x, 50), sample_of(0));
    EXPECT_TRUE(tracker.confirm(seen, kWidth, kHeight));
    tracker.remember(seen);
  }
  start_next_frame(tracker);
  EXPECT_NEAR(tracker.faces().points[0][0].x, points_at(110, 50)[0].x, 1e-3);
}

TEST(SegmentTracker, DropsAFaceThatLooksDifferent) {
  SegmentTracker tracker = tracker_of({{100, 50}, {300, 50}});
  start_next_frame(tracker);
  Observations seen = as_expected(tracker.faces());
  seen.samples[0] = sample_of(5);
  EXPECT_FALSE(tracker.confirm(seen, kWidth, kHeight));
  ASSERT_EQ(tracker.faces().size(), 1u);
  EXPECT_NEAR(tracker.faces().box[0].x, 300, 1e-2);
}

TEST(SegmentTracker, DropsAFaceWhoseLandmarksLieElsewhere) {
  SegmentTracker tracker = tracker_of({{100, 50}});
  start_next_frame(tracker);
  Observations seen;
  seen.add(points_at(100, 50), points_at(140, 50), sample_of(0));
  EXPECT_FALSE(tracker.confirm(seen, kWidth, kHeight));
  EXPECT_EQ(tracker.faces().size(), 0u);
}

TEST(SegmentTracker, DropsAFaceWhoseCentreLeavesTheFrame) {
  SegmentTracker tracker = tracker_of({{-50, 50}});
  start_next_frame(tracker);
  Observations seen;
  seen.add(points_at(-50, 50), points_at(-58, 50), sample_of(0));
  EXPECT_FALSE(tracker.confirm(seen, kWidth, kHeight));
  EXPECT_EQ(tracker.faces().size(), 0u);
}

TEST(SegmentTracker, DropsBothFacesThatMoveOntoOne) {
  SegmentTracker tracker = tracker_of({{100, 50}, {180, 50}, {400, 50}});
  start_next_frame(tracker);
  Observations seen;
  seen.add(points_at(100, 50), points_at(125, 50), sample_of(0));
  seen.add(points_at(180, 50), points_at(155, 50), sample_of(1));
  seen.add(points_at(400, 50), points_at(400, 50), sample_of(2));
  EXPECT_FALSE(tracker.confirm(seen, kWidth, kHeight));
  ASSERT_EQ(tracker.faces().size(), 1u);
  EXPECT_NEAR(tracker.faces().box[0].x, 400, 1e-2);
}

TEST(SegmentTracker, TakesOnlyDetectionsOfItsFrameThatNoTrackedFaceCovers) {
  SegmentTracker tracker = tracker_of({{100, 50}});
  start_next_frame(tracker);
  ASSERT_TRUE(tracker.confirm(as_expected(tracker.faces()), kWidth, kHeight));
  FaceBatch found;
  found.add(0, box_at(300, 50), 0.9f, points_at(300, 50));  // of another segment's frame
  found.add(1, box_at(110, 55), 0.9f, points_at(110, 55));  // the tracked face
  found.add(1, box_at(400, 50), 0.8f, points_at(400, 50));
  FaceBatch fresh;
  tracker.select_new(found, fresh);
  ASSERT_EQ(fresh.size(), 1u);
  EXPECT_EQ(fresh.box[0].x, 400);
}

TEST(SegmentTracker, NewFacesGetThePointsOfTheirLandmarksIfThoseFit) {
  SegmentTracker tracker(kOptions);
  start_next_frame(tracker);
  FaceBatch fresh;
  fresh.add(1, box_at(100, 50), 0.9f, points_at(100, 50));
  fresh.add(1, box_at(300, 50), 0.8f, points_at(300, 50));
  Observations seen;
  seen.add(points_at(100, 50), points_at(103, 50), sample_of(0));
  seen.add(points_at(300, 50), points_at(400, 50), sample_of(1));
  tracker.add_new(fresh, seen);
  ASSERT_EQ(tracker.faces().size(), 2u);
  EXPECT_EQ(tracker.faces().points[0][0].x, points_at(103, 50)[0].x);
  EXPECT_EQ(tracker.faces().points[1][0].x, points_at(300, 50)[0].x);
}

TEST(SegmentTracker, KeepsTheBestFacesByFallingScore) {
  SegmentTracker tracker = tracker_of({{20, 50}, {150, 50}});  // scores 0.9 and 0.8
  start_next_frame(tracker);
  ASSERT_TRUE(tracker.confirm(as_expected(tracker.faces()), kWidth, kHeight));
  FaceBatch fresh;
  fresh.add(1, box_at(280, 50), 0.85f, points_at(280, 50));
  fresh.add(1, box_at(410, 50), 0.7f, points_at(410, 50));
  tracker.add_new(fresh, as_expected(fresh));
  ASSERT_EQ(tracker.faces().size(), 3u);
  EXPECT_NEAR(tracker.faces().box[0].x, 20, 1e-2);
  EXPECT_NEAR(tracker.faces().box[1].x, 280, 1e-2);
  EXPECT_NEAR(tracker.faces().box[2].x, 150, 1e-2);
}

TEST(SegmentTracker, ForgetsFacesWhereANewSegmentStarts) {
  SegmentTracker tracker = tracker_of({{100, 50}});
  for (int frame = 1; frame < kOptions.detect_interval; ++frame) {
    start_next_frame(tracker, frame);
    EXPECT_EQ(tracker.faces().size(), 1u);
  }
  start_next_frame(tracker, kOptions.detect_interval);
  EXPECT_EQ(tracker.faces().size(), 0u);
}

TEST(SegmentTracker, TrackedFacesWaitWhileFramesCannotBeDecoded) {
  SegmentTracker tracker = tracker_of({{100, 50}});
  tracker.start_frame(1);  // not decoded: no prediction
  EXPECT_EQ(tracker.faces().size(), 0u);
  start_next_frame(tracker, 2);
  EXPECT_TRUE(tracker.confirm(as_expected(tracker.faces()), kWidth, kHeight));
}

// Landmarks that contradict the detector's points flag a new face, which isn't followed.
TEST(SegmentTracker, AContradictionIsFlaggedAndNotFollowed) {
  SegmentTracker tracker(kOptions);
  FaceBatch found;
  found.add(0, box_at(100, 80), 0.9f, points_at(100, 80));
  tracker.start_frame(0);
  tracker.predict();
  EXPECT_FALSE(tracker.confirm({}, kWidth, kHeight));
  FaceBatch fresh;
  tracker.select_new(found, fresh);
  Observations elsewhere;
  elsewhere.add(points_at(100, 80), points_at(125, 80), sample_of(0));
  tracker.add_new(fresh, elsewhere);
  EXPECT_EQ(tracker.faces().points[0][0].x, points_at(100, 80)[0].x);
  tracker.remember(elsewhere);
  EXPECT_EQ(tracker.faces().status[0], Status::kLowQuality);
  tracker.start_frame(1);
  tracker.predict();
  EXPECT_FALSE(tracker.confirm(as_expected(tracker.faces()), kWidth, kHeight));
  EXPECT_EQ(tracker.faces().size(), 0u);
}

TEST(SegmentTracker, AFlagOfTheDetectionStays) {
  SegmentTracker tracker(kOptions);
  FaceBatch found;
  found.add(0, box_at(100, 80), 0.9f, points_at(100, 80), Status::kLowQuality);
  tracker.start_frame(0);
  tracker.predict();
  EXPECT_FALSE(tracker.confirm({}, kWidth, kHeight));
  FaceBatch fresh;
  tracker.select_new(found, fresh);
  tracker.add_new(fresh, as_expected(fresh));
  tracker.remember(as_expected(tracker.faces()));
  EXPECT_EQ(tracker.faces().status[0], Status::kLowQuality);
}

}  // namespace
}  // namespace mien
