// Faces of one sequence, followed by their own landmarks from frame to frame, and looked for anew
// every `detect_interval` frames and whenever there is doubt.
#pragma once

#include <cstddef>
#include <vector>

#include "mien/data.h"
#include "pipeline/networks.h"
#include "pipeline/worker.h"
#include "track/following.h"

namespace mien {

// Note [Segments]: at every `detect_interval`-th frame the follower forgets everything and detects.
// Such a segment's rows depend on its own frames alone, so segments can be worked on in any order
// and by any worker, and a run that stopped between two goes on with the same rows.
class Follower {
 public:
  explicit Follower(const Networks& networks) : networks_(&networks) {}

  // Rows of the next frame, appended to `rows`; its faces, appended to `faces` as those of the
  // frame at `position`, for the tracker.
  void next(Worker& worker, const Frame& frame, int position, FaceBatch& faces, ResultBatch& rows);

 private:
  void describe(Worker& worker, const Frame& frame);
  bool follow(Worker& worker, const Frame& frame);
  void detect(Worker& worker, const Frame& frame);
  void add_found(Worker& worker, const Frame& frame);
  void sort_by_score();
  void keep(const std::vector<std::size_t>& chosen);
  void remember(const Worker& worker);
  Similarity seen(const Points5& points) const;

  const Networks* networks_;
  int position_ = 0;                // in the segment
  std::vector<Followed> followed_;  // face for face with `faces_`
  FaceBatch faces_;                 // of the frame at hand, by falling score
  std::vector<Points5> points_;     // where the landmarks of `faces_` say their five points are
  std::vector<char> is_sure_;       // whether a followed face is still where it was thought
  FaceBatch found_;                 // by detection
};

}  // namespace mien
