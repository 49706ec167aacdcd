#include "track/tracker.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "image/box.h"

namespace mien {
namespace {

// Weight of the newest measurement in a track's velocity; detections jitter by a pixel or two.
constexpr double kVelocityGain = 0.5;

double centre_x(const Box& box) { return box.x + 0.5 * box.width; }
double centre_y(const Box& box) { return box.y + 0.5 * box.height; }
double side(const Box& box) { return std::sqrt(static_cast<double>(box.width) * box.height); }

// Distance of the centres in mean sides of the boxes; infinite or NaN if neither has an area.
double jump_between(const Box& predicted, const Box& box) {
  const double size = 0.5 * (side(predicted) + side(box));
  return std::hypot(centre_x(box) - centre_x(predicted), centre_y(box) - centre_y(predicted)) /
         size;
}

// Factor between the sides of the boxes, at least 1; infinite or NaN if one has no area.
double resize_between(const Box& predicted, const Box& box) {
  return std::max(side(box), side(predicted)) / std::min(side(box), side(predicted));
}

}  // namespace

Tracker::Elapsed Tracker::elapsed(const Track& track, std::int64_t frame_index, double time) {
  const double seconds = time - track.last_time;
  if (seconds > 0) return {seconds, true};  // false for NaN
  return {static_cast<double>(frame_index - track.last_frame), false};
}

bool Tracker::is_long(const Elapsed& since) const {
  return since.amount > (since.in_seconds ? options_.max_gap : options_.max_gap_frames);
}

// A motion that was measured long ago says nothing.
Box Tracker::predict(const Track& track, const Elapsed& since) const {
  Box box = track.box;
  if (track.moves && track.in_seconds == since.in_seconds && !is_long(since)) {
    box.x += static_cast<float>(track.velocity_x * since.amount);
    box.y += static_cast<float>(track.velocity_y * since.amount);
  }
  return box;
}

void Tracker::extend(Track& track, const Box& box, std::int64_t frame_index, double time) const {
  const Elapsed since = elapsed(track, frame_index, time);
  if (since.amount > 0) {
    const double x = (centre_x(box) - centre_x(track.box)) / since.amount;
    const double y = (centre_y(box) - centre_y(track.box)) / since.amount;
    const double gain = track.moves && track.in_seconds == since.in_seconds ? kVelocityGain : 1;
    track.velocity_x += gain * (x - track.velocity_x);
    track.velocity_y += gain * (y - track.velocity_y);
    track.moves = true;
    track.in_seconds = since.in_seconds;
  }
  track.box = box;
  track.last_frame = frame_index;
  track.last_time = time;
  track.last_update = updates_;
}

void Tracker::drop_old(std::int64_t frame_index, double time) {
  std::erase_if(tracks_, [&](const Track& track) {
    return updates_ - track.last_update > options_.min_updates &&
           is_long(elapsed(track, frame_index, time));
  });
}

void Tracker::find_matches(const FaceBatch& faces, std::size_t begin, std::size_t end,
                           std::int64_t frame_index, double time) {
  matches_.clear();
  for (std::size_t t = 0; t < tracks_.size(); ++t) {
    const Box predicted = predict(tracks_[t], elapsed(tracks_[t], frame_index, time));
    for (std::size_t f = begin; f < end; ++f) {
      const Box& box = faces.box[f];
      const float overlap = intersection_over_union(predicted, box);
      if (overlap >= options_.min_iou) {
        matches_.push_back({true, overlap, t, f});
        continue;
      }
      const double jump = jump_between(predicted, box);
      if (jump <= options_.max_jump && resize_between(predicted, box) <= options_.max_resize) {
        matches_.push_back({false, static_cast<float>(-jump), t, f});
      }
    }
  }
  std::sort(matches_.begin(), matches_.end(), [](const Match& a, const Match& b) {
    return std::tuple(!a.overlaps, -a.score, a.track, a.face) <
           std::tuple(!b.overlaps, -b.score, b.track, b.face);
  });
}

// Greedy, best match first. For a few faces with little overlap it differs from the optimal
// assignment only where both are ambiguous.
void Tracker::update(std::int64_t frame_index, double time, FaceBatch& faces, std::size_t begin,
                     std::size_t end) {
  ++updates_;
  drop_old(frame_index, time);
  find_matches(faces, begin, end, frame_index, time);
  for (std::size_t f = begin; f < end; ++f) faces.track[f] = -1;
  is_matched_.assign(tracks_.size(), 0);
  for (const Match& match : matches_) {
    if (is_matched_[match.track] || faces.track[match.face] >= 0) continue;
    is_matched_[match.track] = 1;
    faces.track[match.face] = tracks_[match.track].number;
    extend(tracks_[match.track], faces.box[match.face], frame_index, time);
  }
  for (std::size_t f = begin; f < end; ++f) {
    if (faces.track[f] >= 0) continue;
    faces.track[f] = next_number_++;
    tracks_.push_back({faces.track[f], faces.box[f], frame_index, time, updates_});
  }
}

}  // namespace mien
