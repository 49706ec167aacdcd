#include "track/segment_tracker.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>

#include "image/box.h"
#include "image/five_points.h"
#include "image/similarity.h"

namespace mien {
namespace {

// A crop that correlates less than this with the same face's crop a frame before shows something
// else. Speech and blinks stay above 0.9, a hand over half the face falls to about 0.5.
constexpr float kMinCorrelation = 0.6f;
// A detection whose IoU with a confirmed face reaches this is that face.
constexpr float kSameFace = 0.3f;

Point centre_of(const Points5& points) {
  Point sum;
  for (const Point& p : points) {
    sum.x += p.x / 5;
    sum.y += p.y / 5;
  }
  return sum;
}

bool is_centre_inside(const Box& box, int width, int height) {
  const auto [x, y] = centre_of(box);
  return x >= 0 && y >= 0 && x < static_cast<float>(width) && y < static_cast<float>(height);
}

bool overlaps_any(const Box& box, std::span<const Box> others, float min_iou) {
  return std::any_of(others.begin(), others.end(), [&](const Box& other) {
    return intersection_over_union(box, other) >= min_iou;
  });
}

}  // namespace

void SegmentTracker::start_frame(int position) {
  if (age_ == 0) tracked_.clear();
  age_ = (age_ + 1) % options_.detect_interval;
  position_ = position;
  faces_.clear();
}

void SegmentTracker::predict() {
  for (const TrackedFace& face : tracked_) {
    faces_.add(position_, {}, face.score, predict_points(face));
  }
}

Similarity SegmentTracker::fit(const Points5& points) const {
  return fit_similarity(points, options_.crop_template);
}

bool SegmentTracker::confirm(const FaceObservations& seen, int width, int height) {
  std::vector<char> is_confirmed(faces_.size(), 0);
  for (std::size_t i = 0; i < faces_.size(); ++i) {
    if (tracked_[i].is_doubtful) continue;
    const Similarity by_landmarks = fit(seen.points[i]);
    if (!landmarks_fit_crop(seen.frame_to_crop[i], by_landmarks, options_.crop_size)) continue;
    faces_.box[i] = box_to_frame(tracked_[i].box_in_crop, by_landmarks);
    is_confirmed[i] = is_centre_inside(faces_.box[i], width, height) &&
                      correlation(seen.samples[i], tracked_[i].sample) >= kMinCorrelation;
  }
  drop_colliding(is_confirmed);
  std::vector<std::size_t> confirmed;
  for (std::size_t i = 0; i < faces_.size(); ++i) {
    if (is_confirmed[i]) confirmed.push_back(i);
  }
  if (!confirmed.empty() && confirmed.size() == faces_.size()) return true;
  keep(confirmed);
  return false;
}

// Of two faces that moved onto one, neither can be trusted.
void SegmentTracker::drop_colliding(std::vector<char>& is_confirmed) const {
  for (std::size_t i = 0; i < faces_.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (intersection_over_union(faces_.box[i], faces_.box[j]) < options_.max_iou) continue;
      is_confirmed[i] = is_confirmed[j] = 0;
    }
  }
}

void SegmentTracker::select_new(const FaceBatch& found, FaceBatch& fresh) const {
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found.frame[i] != position_ || overlaps_any(found.box[i], faces_.box, kSameFace)) continue;
    fresh.add(found, i);
  }
}

// New faces get the points of their landmarks at once: the detector's points lie a little
// elsewhere, and behaviour must not seem to change wherever a face happens to be detected.
void SegmentTracker::add_new(const FaceBatch& fresh, const FaceObservations& seen) {
  for (std::size_t i = 0; i < fresh.size(); ++i) {
    if (fresh.frame[i] != position_) continue;
    const bool is_good =
        fresh.status[i] == Status::kOk && !contradict(fresh.points[i], seen.points[i]) &&
        landmarks_fit_crop(seen.frame_to_crop[i], fit(seen.points[i]), options_.crop_size);
    const Points5& points = is_good ? seen.points[i] : fresh.points[i];
    faces_.add(position_, fresh.box[i], fresh.score[i], points, fresh.status[i]);
    tracked_.push_back({.points = points, .detected = fresh.points[i], .score = fresh.score[i]});
  }
  keep_best();
}

void SegmentTracker::keep_best() {
  std::vector<std::size_t> order(faces_.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return faces_.score[a] > faces_.score[b]; });
  order.resize(std::min(order.size(), static_cast<std::size_t>(options_.max_faces)));
  keep(order);
}

// Keeps these faces and no others, in this order.
void SegmentTracker::keep(const std::vector<std::size_t>& chosen) {
  FaceBatch faces;
  std::vector<TrackedFace> tracked;
  for (const std::size_t i : chosen) {
    faces.add(faces_, i);
    tracked.push_back(tracked_[i]);
  }
  faces_ = std::move(faces);
  tracked_ = std::move(tracked);
}

void SegmentTracker::remember(const FaceObservations& seen) {
  for (std::size_t i = 0; i < faces_.size(); ++i) {
    TrackedFace& face = tracked_[i];
    if (face.is_new && contradict(face.detected, seen.points[i])) {
      faces_.status[i] = Status::kLowQuality;
    }
    face.is_doubtful = faces_.status[i] != Status::kOk;
    const Point before = centre_of(face.points);
    const Point now = centre_of(seen.points[i]);
    if (!face.is_new) face.motion = {now.x - before.x, now.y - before.y};
    face.is_new = false;
    face.points = seen.points[i];
    face.box_in_crop = box_to_crop(faces_.box[i], fit(seen.points[i]));
    face.sample = seen.samples[i];
  }
}

}  // namespace mien
