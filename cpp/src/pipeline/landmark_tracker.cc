#include "pipeline/landmark_tracker.h"

#include <type_traits>

#include "image/square_pixels.h"

namespace mien {
namespace {

SegmentTrackerOptions options_of(const Networks& networks) {
  return {.crop_template = networks.behaviour.crop_template,
          .crop_size = networks.behaviour.size,
          .max_iou = networks.detector.nms_iou,
          .max_faces = networks.options.max_faces,
          .detect_interval = networks.options.detect_interval};
}

}  // namespace

LandmarkTracker::LandmarkTracker(const Networks& networks, std::size_t segments)
    : networks_(&networks), segments_(segments, {SegmentTracker(options_of(networks)), {}}) {}

void LandmarkTracker::next(Worker& worker, std::span<const int> positions,
                           std::span<Output> outputs) {
  Segments decoded;  // in the others, tracked faces wait for the next frame that could be decoded
  for (std::size_t s = 0; s < positions.size(); ++s) {
    segments_[s].tracker.start_frame(positions[s]);
    if (worker.frame(positions[s]).status != Status::kDecodeError) decoded.push_back(&segments_[s]);
  }
  detect(worker, confirm(worker, decoded));
  for (Segment* segment : decoded) {
    segment->tracker.remember(segment->description.observations());
  }
  for (std::size_t s = 0; s < positions.size(); ++s) {
    const Segment& segment = segments_[s];
    const FaceBatch& faces = segment.tracker.faces();
    worker.read_out(positions.subspan(s, 1), faces, segment.description.batch, outputs[s].rows);
    outputs[s].faces.append(faces);
  }
}

// Returns the segments whose frames need a detection.
LandmarkTracker::Segments LandmarkTracker::confirm(Worker& worker, const Segments& segments) {
  for (Segment* segment : segments) segment->tracker.predict();
  describe(worker, segments);
  Segments in_doubt;
  for (Segment* segment : segments) {
    SegmentTracker& tracker = segment->tracker;
    const ImageSize shown = shown_size(worker.frame(tracker.position()).view);
    if (!tracker.confirm(segment->description.observations(), shown.width, shown.height)) {
      in_doubt.push_back(segment);
    }
  }
  return in_doubt;
}

void LandmarkTracker::detect(Worker& worker, const Segments& segments) {
  if (segments.empty()) return;
  std::vector<int> positions;
  for (const Segment* segment : segments) positions.push_back(segment->tracker.position());
  FaceBatch found;
  worker.detect(positions, /*images=*/false, found);
  FaceBatch fresh;
  for (const Segment* segment : segments) segment->tracker.select_new(found, fresh);
  Description description;
  describe(worker, fresh, description);
  for (Segment* segment : segments) segment->tracker.add_new(fresh, description.observations());
  describe(worker, segments);
}

// The faces of all segments in one batch.
void LandmarkTracker::describe(Worker& worker, const Segments& segments) {
  if (segments.size() == 1) {  // no copies
    describe(worker, segments[0]->tracker.faces(), segments[0]->description);
    return;
  }
  FaceBatch faces;
  for (const Segment* segment : segments) faces.append(segment->tracker.faces());
  Description all;
  describe(worker, faces, all);
  std::size_t first = 0;
  for (Segment* segment : segments) {
    const std::size_t count = segment->tracker.faces().size();
    segment->description = slice(all, first, count);
    first += count;
  }
}

void LandmarkTracker::describe(Worker& worker, const FaceBatch& faces,
                               Description& description) const {
  const Readout& readout = networks_->readout;
  worker.describe(faces, description.batch);
  description.points.clear();
  for (std::size_t i = 0; i < faces.size(); ++i) {
    const float* const row = description.batch.rows.data() + i * readout.columns().size();
    description.points.push_back(readout.five_points(row));
  }
}

// Faces [first, first + count).
LandmarkTracker::Description LandmarkTracker::slice(const Description& from, std::size_t first,
                                                    std::size_t count) const {
  const auto part = [&](const auto& all, std::size_t width) {
    const auto begin = all.begin() + static_cast<std::ptrdiff_t>(first * width);
    return std::decay_t<decltype(all)>(begin, begin + static_cast<std::ptrdiff_t>(count * width));
  };
  const DescribedBatch& batch = from.batch;
  return {{{part(batch.crops.frame_to_crop, 1)},
           part(batch.samples, 1),
           part(batch.rows, networks_->readout.columns().size())},
          part(from.points, 1)};
}

}  // namespace mien
