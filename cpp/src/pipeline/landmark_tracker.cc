#include "pipeline/landmark_tracker.h"

#include <algorithm>
#include <numeric>
#include <span>
#include <type_traits>
#include <utility>

#include "image/box.h"
#include "image/similarity.h"

namespace mien {
namespace {

// A crop that correlates less than this with the same face's crop a frame before shows something
// else. Speech and blinks stay above 0.9, a hand over half the face falls to about 0.5.
constexpr float kMinCorrelation = 0.6f;
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

// These faces and no others, in this order.
void keep(const std::vector<std::size_t>& chosen, FaceBatch& faces,
          std::vector<Followed>& followed) {
  FaceBatch kept;
  std::vector<Followed> still_followed;
  for (const std::size_t i : chosen) {
    kept.add(faces.frame[i], faces.box[i], faces.score[i], faces.points[i]);
    still_followed.push_back(followed[i]);
  }
  faces = std::move(kept);
  followed = std::move(still_followed);
}

FaceBatch faces_at(const FaceBatch& faces, int frame) {
  FaceBatch there;
  for (std::size_t i = 0; i < faces.size(); ++i) {
    if (faces.frame[i] == frame) there.add(frame, faces.box[i], faces.score[i], faces.points[i]);
  }
  return there;
}

// `count` faces from `first` on.
DescribedBatch slice(const DescribedBatch& from, std::size_t first, std::size_t count,
                     std::size_t columns) {
  const auto part = [&](const auto& all, std::size_t width) {
    const auto begin = all.begin() + static_cast<std::ptrdiff_t>(first * width);
    return std::decay_t<decltype(all)>(begin, begin + static_cast<std::ptrdiff_t>(count * width));
  };
  return {{part(from.crops.frame_to_crop, 1)}, part(from.samples, 1), part(from.rows, columns)};
}

}  // namespace

void LandmarkTracker::next(Worker& worker, std::span<const int> positions,
                           std::span<Output> outputs) {
  Segments good;  // segments whose frame was decoded; faces of the others wait for a good frame
  for (std::size_t s = 0; s < positions.size(); ++s) {
    begin(segments_[s], positions[s]);
    if (worker.frame(positions[s]).status != Status::kDecodeError) good.push_back(&segments_[s]);
  }
  detect(worker, follow(worker, good));
  for (Segment* segment : good) remember(*segment);
  for (std::size_t s = 0; s < positions.size(); ++s) {
    const Segment& segment = segments_[s];
    worker.read_out(positions.subspan(s, 1), segment.faces, segment.described, outputs[s].rows);
    outputs[s].faces.append(segment.faces);
  }
}

void LandmarkTracker::begin(Segment& segment, int frame) const {
  if (segment.age == 0) segment.followed.clear();
  segment.age = (segment.age + 1) % networks_->options.detect_interval;
  segment.frame = frame;
  segment.faces.clear();
  segment.is_sure.clear();
}

Similarity LandmarkTracker::seen(const Points5& points) const {
  return fit_similarity(points, networks_->behaviour.crop_template);
}

Points5 LandmarkTracker::five_points(const DescribedBatch& described, std::size_t face) const {
  const Readout& readout = networks_->readout;
  return readout.five_points(described.rows.data() + face * readout.columns().size());
}

// The faces of all segments in one go.
void LandmarkTracker::describe(Worker& worker, const Segments& segments) {
  if (segments.size() == 1) {
    worker.describe(segments[0]->faces, segments[0]->described);
  } else {
    FaceBatch together;
    for (const Segment* segment : segments) together.append(segment->faces);
    DescribedBatch described;
    worker.describe(together, described);
    std::size_t first = 0;
    for (Segment* segment : segments) {
      const std::size_t count = segment->faces.size();
      segment->described = slice(described, first, count, networks_->readout.columns().size());
      first += count;
    }
  }
  for (Segment* segment : segments) {
    segment->points.clear();
    for (std::size_t i = 0; i < segment->faces.size(); ++i) {
      segment->points.push_back(five_points(segment->described, i));
    }
  }
}

// Describes the followed faces where they should be now. Gives the segments in which any may not be
// there, or none is followed.
LandmarkTracker::Segments LandmarkTracker::follow(Worker& worker, const Segments& segments) {
  for (Segment* segment : segments) {
    for (const Followed& face : segment->followed) {
      segment->faces.add(segment->frame, {}, face.score, predict(face));
    }
  }
  describe(worker, segments);
  Segments in_doubt;
  for (Segment* segment : segments) {
    check(worker, *segment);
    const auto& sure = segment->is_sure;
    if (sure.empty() || std::find(sure.begin(), sure.end(), 0) != sure.end()) {
      in_doubt.push_back(segment);
    }
  }
  return in_doubt;
}

// Which of the segment's faces are surely followed, and where.
void LandmarkTracker::check(const Worker& worker, Segment& segment) const {
  FaceBatch& faces = segment.faces;
  segment.is_sure.assign(faces.size(), 0);
  for (std::size_t i = 0; i < faces.size(); ++i) {
    const Followed& before = segment.followed[i];
    const Similarity by_landmarks = seen(segment.points[i]);
    const Similarity& cut = segment.described.crops.frame_to_crop[i];
    if (!agree(cut, by_landmarks, networks_->behaviour.size)) continue;
    faces.box[i] = box_to_frame(before.box_in_crop, by_landmarks);
    segment.is_sure[i] =
        is_inside(faces.box[i], worker.frame(segment.frame).view) &&
        correlation(segment.described.samples[i], before.sample) >= kMinCorrelation;
  }
  for (std::size_t i = 0; i < faces.size(); ++i) {  // two that slid onto one
    for (std::size_t j = 0; j < i; ++j) {
      if (intersection_over_union(faces.box[i], faces.box[j]) < networks_->localization.nms_iou) {
        continue;
      }
      segment.is_sure[i] = segment.is_sure[j] = 0;
    }
  }
}

// Keeps what is surely followed, and takes all else from a detection.
void LandmarkTracker::detect(Worker& worker, const Segments& segments) {
  if (segments.empty()) return;
  for (Segment* segment : segments) {
    std::vector<std::size_t> sure;
    for (std::size_t i = 0; i < segment->faces.size(); ++i) {
      if (segment->is_sure[i]) sure.push_back(i);
    }
    keep(sure, segment->faces, segment->followed);
  }
  add_found(worker, segments);
  for (Segment* segment : segments) sort_by_score(*segment);
  describe(worker, segments);
}

// Detections of faces that aren't followed yet.
void LandmarkTracker::add_found(Worker& worker, const Segments& segments) {
  std::vector<int> positions;
  for (const Segment* segment : segments) positions.push_back(segment->frame);
  FaceBatch found;
  worker.localize(positions, found);
  FaceBatch fresh;
  for (const Segment* segment : segments) {
    const FaceBatch here = faces_at(found, segment->frame);
    for (std::size_t i = 0; i < here.size(); ++i) {
      if (overlaps_any(here.box[i], segment->faces.box, kSameFace)) continue;
      fresh.add(segment->frame, here.box[i], here.score[i], here.points[i]);
    }
  }
  DescribedBatch described;
  worker.describe(fresh, described);
  for (Segment* segment : segments) add_fresh(*segment, fresh, described);
}

// They are cut out by their landmarks from the first frame on: the detector's points lie a little
// elsewhere, and behaviour must not seem to change wherever a face happens to be detected.
void LandmarkTracker::add_fresh(Segment& segment, const FaceBatch& fresh,
                                const DescribedBatch& described) {
  for (std::size_t i = 0; i < fresh.size(); ++i) {
    if (fresh.frame[i] != segment.frame) continue;
    const Points5 points = five_points(described, i);
    const Similarity& cut = described.crops.frame_to_crop[i];
    const bool is_good = agree(cut, seen(points), networks_->behaviour.size);
    segment.faces.add(segment.frame, fresh.box[i], fresh.score[i],
                      is_good ? points : fresh.points[i]);
    segment.followed.push_back({.points = segment.faces.points.back(), .score = fresh.score[i]});
  }
}

// Best first, and no more than asked for.
void LandmarkTracker::sort_by_score(Segment& segment) const {
  const FaceBatch& faces = segment.faces;
  std::vector<std::size_t> order(faces.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return faces.score[a] > faces.score[b]; });
  order.resize(std::min(order.size(), static_cast<std::size_t>(networks_->options.max_faces)));
  keep(order, segment.faces, segment.followed);
}

void LandmarkTracker::remember(Segment& segment) const {
  for (std::size_t i = 0; i < segment.faces.size(); ++i) {
    Followed& face = segment.followed[i];
    const Point before = centre_of(face.points);
    const Point now = centre_of(segment.points[i]);
    if (!face.is_new) face.motion = {now.x - before.x, now.y - before.y};
    face.is_new = false;
    face.points = segment.points[i];
    face.box_in_crop = box_to_crop(segment.faces.box[i], seen(segment.points[i]));
    face.sample = segment.described.samples[i];
  }
}

}  // namespace mien
