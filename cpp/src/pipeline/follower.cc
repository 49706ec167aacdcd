#include "pipeline/follower.h"

#include <algorithm>
#include <numeric>
#include <span>
#include <utility>

#include "core/box.h"
#include "core/similarity.h"

namespace mien {
namespace {

// A crop that correlates less than this with the same face's crop a frame before shows something
// else. Speech and blinks stay above 0.9, a hand over half the face falls to about 0.5.
constexpr float kMinLikeness = 0.6f;
// A detection that overlaps a surely followed face by this much is that face.
constexpr float kSameFace = 0.3f;

Point centre_of(const Points5& points) {
  Point sum;
  for (const Point& p : points) {
    sum.x += p.x / 5;
    sum.y += p.y / 5;
  }
  return sum;
}

bool is_inside(const Box& box, const FrameView& view) {
  const float x = box.x + 0.5f * box.width;
  const float y = box.y + 0.5f * box.height;
  return x >= 0 && y >= 0 && x < static_cast<float>(view.width) &&
         y < static_cast<float>(view.height);
}

bool overlaps_any(const Box& box, std::span<const Box> others, float least) {
  return std::any_of(others.begin(), others.end(), [&](const Box& other) {
    return intersection_over_union(box, other) >= least;
  });
}

}  // namespace

void Follower::next(Worker& worker, const Frame& frame, int position, FaceBatch& faces,
                    ResultBatch& rows) {
  if (position_ == 0) followed_.clear();
  position_ = (position_ + 1) % networks_->options.detect_interval;
  faces_.clear();
  if (frame.status != Status::kDecodeError) {  // else faces wait for a good frame
    if (followed_.empty() || !follow(worker, frame)) detect(worker, frame);
    remember(worker);
  }
  worker.read_out({&frame, 1}, faces_, rows);
  for (std::size_t i = 0; i < faces_.size(); ++i) {
    faces.add(position, faces_.box[i], faces_.score[i], faces_.points[i]);
  }
}

Similarity Follower::seen(const Points5& points) const {
  return fit_similarity(points, networks_->behaviour.crop_template);
}

void Follower::describe(Worker& worker, const Frame& frame) {
  worker.describe({&frame, 1}, faces_);
  points_.clear();
  for (std::size_t i = 0; i < faces_.size(); ++i) points_.push_back(worker.five_points(i));
}

// Describes the followed faces where they should be now. False if any may not be there.
bool Follower::follow(Worker& worker, const Frame& frame) {
  for (const Followed& face : followed_) faces_.add(0, {}, face.score, predict(face));
  describe(worker, frame);
  is_sure_.assign(faces_.size(), 0);
  for (std::size_t i = 0; i < faces_.size(); ++i) {
    const Similarity by_landmarks = seen(points_[i]);
    if (!agree(worker.frame_to_crop(i), by_landmarks, networks_->behaviour.size)) continue;
    faces_.box[i] = box_to_frame(followed_[i].box_in_crop, by_landmarks);
    is_sure_[i] = is_inside(faces_.box[i], frame.view) &&
                  likeness(worker.sample(i), followed_[i].sample) >= kMinLikeness;
  }
  for (std::size_t i = 0; i < faces_.size(); ++i) {  // two that slid onto one
    for (std::size_t j = 0; j < i; ++j) {
      if (intersection_over_union(faces_.box[i], faces_.box[j]) < networks_->localization.nms_iou) {
        continue;
      }
      is_sure_[i] = is_sure_[j] = 0;
    }
  }
  return std::find(is_sure_.begin(), is_sure_.end(), 0) == is_sure_.end();
}

// Keeps what is surely followed, and takes all else from a detection.
void Follower::detect(Worker& worker, const Frame& frame) {
  std::vector<std::size_t> sure;
  for (std::size_t i = 0; i < faces_.size(); ++i) {
    if (is_sure_[i]) sure.push_back(i);
  }
  keep(sure);
  add_found(worker, frame);
  sort_by_score();
  describe(worker, frame);
}

// Detections of faces that aren't followed yet. They are cut out by their landmarks from the first
// frame on: the detector's points lie a little elsewhere, and behaviour must not seem to change
// wherever a face happens to be detected.
void Follower::add_found(Worker& worker, const Frame& frame) {
  worker.localize({&frame, 1}, found_);
  FaceBatch fresh;
  for (std::size_t i = 0; i < found_.size(); ++i) {
    if (overlaps_any(found_.box[i], faces_.box, kSameFace)) continue;
    fresh.add(0, found_.box[i], found_.score[i], found_.points[i]);
  }
  worker.describe({&frame, 1}, fresh);
  for (std::size_t i = 0; i < fresh.size(); ++i) {
    const Points5 points = worker.five_points(i);
    const bool is_good = agree(worker.frame_to_crop(i), seen(points), networks_->behaviour.size);
    faces_.add(0, fresh.box[i], fresh.score[i], is_good ? points : fresh.points[i]);
    followed_.push_back({.points = faces_.points.back(), .score = fresh.score[i]});
  }
}

// Best first, and no more than asked for.
void Follower::sort_by_score() {
  std::vector<std::size_t> order(faces_.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return faces_.score[a] > faces_.score[b]; });
  order.resize(std::min(order.size(), static_cast<std::size_t>(networks_->options.max_faces)));
  keep(order);
}

// These faces and no others, in this order.
void Follower::keep(const std::vector<std::size_t>& chosen) {
  FaceBatch faces;
  std::vector<Followed> followed;
  for (const std::size_t i : chosen) {
    faces.add(0, faces_.box[i], faces_.score[i], faces_.points[i]);
    followed.push_back(followed_[i]);
  }
  faces_ = std::move(faces);
  followed_ = std::move(followed);
}

void Follower::remember(const Worker& worker) {
  for (std::size_t i = 0; i < faces_.size(); ++i) {
    Followed& face = followed_[i];
    const Point before = centre_of(face.points);
    const Point now = centre_of(points_[i]);
    if (!face.is_new) face.motion = {now.x - before.x, now.y - before.y};
    face.is_new = false;
    face.points = points_[i];
    face.box_in_crop = box_to_crop(faces_.box[i], seen(points_[i]));
    face.sample = worker.sample(i);
  }
}

}  // namespace mien
