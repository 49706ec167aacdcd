// track/: the same face in successive frames. Associates detections with tracks by overlap and
// motion.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "mien/data.h"

namespace mien {

struct TrackerOptions {
  float min_iou = 0.25f;    // least IoU of a detection with a track's predicted box
  float max_jump = 0.8f;    // without overlap: largest distance from the prediction, in box sides
  float max_resize = 1.5f;  // without overlap: largest factor by which a box may grow or shrink
  double max_gap = 1.0;     // seconds a track outlives its last detection
  int max_gap_frames = 30;  // the same, in frames, where frames have no time
  // A track outlives its last detection by so many frames at least, however far apart they are:
  // counted are the frames that are looked at, not those between.
  int min_updates = 3;
};

// Processes the frames of one source in order. Track numbers are unique and count from 0 in order
// of appearance (within a frame: by falling score).
class Tracker {
 public:
  explicit Tracker(const TrackerOptions& options = {}) : options_(options) {}

  // Fills faces.track for the faces [begin, end), which are all faces of the frame with this index
  // and time (seconds, NaN if unknown).
  void update(std::int64_t frame_index, double time, FaceBatch& faces, std::size_t begin,
              std::size_t end);

 private:
  // Time is measured in seconds if both frames have one and it increases, in frames otherwise.
  struct Elapsed {
    double amount;
    bool in_seconds;
  };
  struct Track {
    int number;
    Box box;  // at the last detection
    std::int64_t last_frame;
    double last_time;
    std::int64_t last_update;
    double velocity_x = 0;  // of the box centre, pixels per second or per frame
    double velocity_y = 0;
    bool moves = false;  // whether a velocity was measured
    bool in_seconds = false;
  };
  // A detection that may continue a track. Overlap beats nearness, then the higher score, then the
  // older track, then the earlier detection.
  struct Match {
    bool overlaps;
    float score;  // IoU, or minus the distance in box sides
    std::size_t track;
    std::size_t face;
  };

  static Elapsed elapsed(const Track& track, std::int64_t frame_index, double time);
  bool is_long(const Elapsed& since) const;
  Box predict(const Track& track, const Elapsed& since) const;
  void extend(Track& track, const Box& box, std::int64_t frame_index, double time) const;
  void drop_old(std::int64_t frame_index, double time);
  void find_matches(const FaceBatch& faces, std::size_t begin, std::size_t end,
                    std::int64_t frame_index, double time);

  TrackerOptions options_;
  std::vector<Track> tracks_;     // by increasing number
  std::vector<Match> matches_;    // of the current frame; kept for their memory
  std::vector<char> is_matched_;  // whether a track was continued
  int next_number_ = 0;
  std::int64_t updates_ = 0;
};

}  // namespace mien
