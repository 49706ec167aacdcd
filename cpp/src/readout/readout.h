// readout/: network outputs to table values in frame units. It makes every column of the
// table except frame, time, face, track and status; schema.py has the same names.
//
// Note [Pose]: the network sees an upright crop; the crop was turned in the image's plane by the
// similarity's angle. With R = Rz(Roll) Ry(Yaw) Rx(Pitch), a turn in the plane is one more Rz on
// the left: it adds to Roll and leaves Pitch and Yaw alone. Gaze has no roll that could absorb the
// turn, so its direction is rotated in the plane.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "mien/data.h"
#include "mien/pack.h"

namespace mien {

// Maps heads to columns. Immutable, shared by all workers.
class Readout {
 public:
  // Throws PackError if a head or its columns are unknown.
  explicit Readout(const BehaviourInfo& info);

  // Order: FaceRectX, FaceRectY, FaceRectWidth, FaceRectHeight, FaceScore; x_0..x_67, y_0..y_67;
  // Pitch, Roll, Yaw; whole action units by number, then sided ones by number (AU12_L, AU12_R);
  // expressions, valence, arousal, gaze_pitch, gaze_yaw; FrameHeight, FrameWidth. Groups whose head
  // the pack lacks are left out.
  const std::vector<std::string>& columns() const { return columns_; }

  // Whether the pack has landmarks, without which faces can't be tracked between detections.
  bool has_landmarks() const { return plan_.landmarks != kNone; }

  // Finishes one face: row `face` of each head's output (heads[h] is the output of
  // BehaviourInfo::heads[h]), in frame units, to its columns of `row`, which has columns().size()
  // values. Columns that the detector and the frame provide (FaceRectX to FaceScore, FrameHeight,
  // FrameWidth) are left unchanged.
  void read(const std::vector<TensorView>& heads, std::size_t face, const Similarity& frame_to_crop,
            float* row) const;

  // The detector's five points, computed from the landmarks of a finished row (68-point scheme):
  // centres of the eyes, tip of the nose, corners of the mouth; frame pixels.
  Points5 five_points(const float* row) const;

  // Appends the rows of one frame: faces [begin, end) of `faces` belong to it, and `rows` holds the
  // finished row of each of `faces`. A frame without faces gives one row of frame.status (kNoFace
  // or kDecodeError) with NaN in every column except FrameHeight and FrameWidth (NaN too if not
  // decoded).
  void append(const Frame& frame, const FaceBatch& faces, std::size_t begin, std::size_t end,
              const float* rows, ResultBatch& results) const;

  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  // A head and the position of each of its columns in a row of the table.
  struct Route {
    HeadInfo head;
    std::vector<std::size_t> to;
  };
  // An action unit with sides: the whole unit is the stronger of the two.
  struct SidedUnit {
    std::size_t whole;
    std::size_t left;
    std::size_t right;
  };
  // Everything read() needs, shared with DeviceReadout. Positions of columns that the pack lacks
  // are kNone.
  struct Plan {
    std::vector<Route> routes;
    std::vector<SidedUnit> sided_units;
    std::size_t landmarks = kNone;  // of x_0; the ys follow the xs
    std::size_t roll = kNone;
    std::size_t gaze_pitch = kNone;
    std::size_t gaze_yaw = kNone;
    std::size_t frame_size = kNone;  // of FrameHeight; FrameWidth follows
  };
  const Plan& plan() const { return plan_; }

  // Throws PackError unless every head has an output of its width with a row for this face.
  void check_outputs(const std::vector<TensorView>& heads, std::size_t face) const;

 private:
  void name_columns();
  void route_heads();
  std::size_t find(const std::string& column) const;  // kNone if there is no such column
  void read_head(const Route& route, const float* output, float* row) const;
  void to_frame(const Similarity& frame_to_crop, float* row) const;

  std::vector<std::string> columns_;
  Plan plan_;
};

}  // namespace mien
