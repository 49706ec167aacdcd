// Faces of video segments, followed by their own landmarks from frame to frame, and looked for anew
// every `detect_interval` frames and whenever there is doubt.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "mien/data.h"
#include "pipeline/networks.h"
#include "pipeline/worker.h"
#include "track/following.h"

namespace mien {

// Note [Segments]: at every `detect_interval`-th frame the landmark_tracker forgets everything and
// detects. Such a segment's rows depend on its own frames alone, so segments can be worked on in
// any order and by any worker, and a run that stopped between two goes on with the same rows.
//
// Within a segment each frame waits for the one before. Where batches pay (on a GPU), several
// segments go side by side, and the faces of their frames make up the batch.
class LandmarkTracker {
 public:
  explicit LandmarkTracker(const Networks& networks, std::size_t segments = 1)
      : networks_(&networks), segments_(segments) {}

  struct Output {
    FaceBatch faces;  // for the tracker
    ResultBatch rows;
  };
  // The next frame of each segment, by its position among the worker's frames; fewer positions than
  // segments where the last ones have ended. Appends the frame's rows and faces to its output.
  void next(Worker& worker, std::span<const int> positions, std::span<Output> outputs);

 private:
  struct Segment {
    int age = 0;                     // frames since it began
    int frame = 0;                   // position of the frame at hand
    std::vector<Followed> followed;  // face for face with `faces`
    FaceBatch faces;                 // of the frame at hand, by falling score
    DescribedBatch described;        // these faces
    std::vector<Points5> points;     // where the landmarks of `faces` say their five points are
    std::vector<char> is_sure;       // whether a followed face is still where it was thought
  };
  using Segments = std::vector<Segment*>;

  void begin(Segment& segment, int frame) const;
  void describe(Worker& worker, const Segments& segments);
  Segments follow(Worker& worker, const Segments& segments);
  void check(const Worker& worker, Segment& segment) const;
  void detect(Worker& worker, const Segments& segments);
  void add_found(Worker& worker, const Segments& segments);
  void add_fresh(Segment& segment, const FaceBatch& fresh, const DescribedBatch& described);
  void sort_by_score(Segment& segment) const;
  void remember(Segment& segment) const;
  Similarity seen(const Points5& points) const;
  Points5 five_points(const DescribedBatch& described, std::size_t face) const;

  const Networks* networks_;
  std::vector<Segment> segments_;
};

}  // namespace mien
