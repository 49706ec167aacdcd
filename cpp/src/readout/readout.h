// Network outputs to table values in frame units. Every column of the table beside frame, time, face, track and status is
// born here and named in schema.py.
#pragma once

#include <string>
#include <vector>

#include "mien/data.h"
#include "mien/pack.h"

namespace mien {

// Knows which head feeds which columns; immutable, shared by all workers.
class Readout {
 public:
  // Throws PackError if a head has columns that no step of the readout knows what to do with.
  explicit Readout(const BehaviourInfo& info);

  // Order: FaceRectX, FaceRectY, FaceRectWidth, FaceRectHeight, FaceScore; x_0..x_67, y_0..y_67; Pitch, Roll, Yaw; whole
  // action units by number, then sided ones by number (AU12_L, AU12_R); expressions, valence, arousal, gaze_pitch,
  // gaze_yaw; FrameHeight, FrameWidth. Groups whose head the pack lacks are left out.
  const std::vector<std::string>& columns() const { return columns_; }

  // Appends the rows of one frame: faces [begin, end) of `faces` belong to it, and `first_crop` is the crop (and row of each
  // head's output) of face `begin`. heads[i] is the output of BehaviourInfo::heads[i]. A frame without faces gives one row of
  // frame.status (kNoFace or kDecodeError) with NaN everywhere but FrameHeight and FrameWidth (NaN too if not decoded).
  void append(const Frame& frame, const FaceBatch& faces, std::size_t begin, std::size_t end,
              const CropBatch& crops, const std::vector<TensorView>& heads,
              ResultBatch& results) const;

 private:
  BehaviourInfo info_;
  std::vector<std::string> columns_;
};

}  // namespace mien
