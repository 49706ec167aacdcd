// Runs the networks over video segments whose faces are tracked by their landmarks. Which faces
// are still the same, and when to detect, is decided by track/segment_tracker.h.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "mien/data.h"
#include "pipeline/networks.h"
#include "pipeline/worker.h"
#include "track/segment_tracker.h"

namespace mien {

// Note [Segments]: at every `detect_interval`-th frame the tracked faces are forgotten and the
// detector runs. The rows of such a segment depend on its own frames alone, so segments can be
// analysed in any order and by any worker, and a run that stopped between two segments can be
// resumed with the same rows.
//
// Within a segment each frame waits for the one before. Where larger batches are faster (on a GPU),
// several segments are analysed side by side, and the faces of their frames make up the batch.
class LandmarkTracker {
 public:
  explicit LandmarkTracker(const Networks& networks, std::size_t segments = 1);

  struct Output {
    FaceBatch faces;  // for the tracker of identities (track/tracker.h)
    ResultBatch rows;
  };
  // Analyses the next frame of each segment, given by its position among the worker's frames; fewer
  // positions than segments where the last ones have ended. Appends the frame's rows and faces to
  // the segment's output.
  void next(Worker& worker, std::span<const int> positions, std::span<Output> outputs);

 private:
  struct Description {
    DescribedBatch batch;
    std::vector<Points5> points;  // five points by the landmarks of each face, frame pixels

    FaceObservations observations() const {
      return {batch.crops.frame_to_crop, points, batch.samples};
    }
  };
  struct Segment {
    SegmentTracker tracker;
    Description description;  // of tracker.faces()
  };
  using Segments = std::vector<Segment*>;

  Segments confirm(Worker& worker, const Segments& segments);
  void detect(Worker& worker, const Segments& segments);
  void describe(Worker& worker, const Segments& segments);
  void describe(Worker& worker, const FaceBatch& faces, Description& description) const;
  Description slice(const Description& from, std::size_t first, std::size_t count) const;

  const Networks* networks_;
  std::vector<Segment> segments_;
};

}  // namespace mien
