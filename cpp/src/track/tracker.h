// Who is who through time: association of detections with tracks by overlap and motion.
#pragma once

#include <cstdint>
#include <vector>

#include "mien/data.h"

namespace mien {

struct TrackerOptions {
  float min_iou = 0.25f;       // least overlap of a detection with a track's predicted box
  double max_gap = 1.0;        // seconds a track outlives its last detection
  int max_gap_frames = 30;     // the same where frames carry no time
};

// Sees the frames of one source in order. A track keeps its number for life and numbers are never reused; they count from 0
// in order of appearance (within a frame: by falling score).
class Tracker {
 public:
  explicit Tracker(const TrackerOptions& options = {}) : options_(options) {}

  // Fills faces.track for the faces [begin, end), all of the frame with this index and time (seconds, NaN if unknown).
  void update(std::int64_t frame_index, double time, FaceBatch& faces, std::size_t begin,
              std::size_t end);

 private:
  struct Track {
    int number;
    Box box;                 // at the last detection
    float velocity_x = 0;    // of the box centre, pixels per second (per frame where time is unknown)
    float velocity_y = 0;
    std::int64_t last_frame;
    double last_time;
  };
  TrackerOptions options_;
  std::vector<Track> tracks_;
  int next_number_ = 0;
};

}  // namespace mien
