// Tracks the faces of a video segment by their landmarks: which are still the same face, and when
// the detector has to run. Geometry and thresholds only; the caller runs the networks.
#pragma once

#include <span>
#include <vector>

#include "mien/data.h"
#include "track/crop_sample.h"
#include "track/face_motion.h"

namespace mien {

struct SegmentTrackerOptions {
  Points5 crop_template{};  // the five points in a crop, crop pixels
  int crop_size = 0;        // side of a crop, pixels
  float max_iou = 0.4f;     // two tracked faces that overlap this much may be one
  int max_faces = 64;       // most faces kept in a frame, best scores first
  int detect_interval = 8;  // frames of a segment
};

// What the behaviour network saw of some faces, face for face.
struct FaceObservations {
  std::span<const Similarity> frame_to_crop;  // by which the crops were cut
  std::span<const Points5> points;            // by the landmarks found there, frame pixels
  std::span<const CropSample> samples;        // of the crops
};

// Goes through the frames of a segment in order. For each frame: start_frame(); if it was decoded,
// predict(), observe faces(), confirm(); where that returns false, run the detector, select_new(),
// observe what it appended, add_new(), and observe faces() again; finally remember().
class SegmentTracker {
 public:
  explicit SegmentTracker(const SegmentTrackerOptions& options) : options_(options) {}

  // The frame at `position` of the caller's batch, without faces so far. Every `detect_interval`
  // frames a new segment starts and all tracked faces are forgotten.
  void start_frame(int position);
  // Adds each tracked face where it is expected in this frame.
  void predict();
  // Keeps the faces that are certainly the tracked ones, at the boxes that their landmarks give,
  // and drops the others. Returns false if the detector must run: a face was dropped, or there was
  // none. `width` and `height` are the frame's, pixels.
  bool confirm(const FaceObservations& seen, int width, int height);
  // Appends to `fresh` the faces of this frame in `found` that are not tracked yet.
  void select_new(const FaceBatch& found, FaceBatch& fresh) const;
  // Adds the faces of this frame in `fresh`, of which `seen` are the observations, and keeps the
  // best max_faces.
  void add_new(const FaceBatch& fresh, const FaceObservations& seen);
  // Stores what the next frame is compared with. New faces whose landmarks contradict the
  // detector's points get the status kLowQuality and are not followed: the detector looks for them
  // again in the next frame.
  void remember(const FaceObservations& seen);

  int position() const { return position_; }
  const FaceBatch& faces() const { return faces_; }  // of this frame, by falling score

 private:
  Similarity fit(const Points5& points) const;
  void drop_colliding(std::vector<char>& is_confirmed) const;
  void keep(const std::vector<std::size_t>& chosen);
  void keep_best();

  SegmentTrackerOptions options_;
  int age_ = 0;  // frames since the segment started, of the frame to come
  int position_ = 0;
  FaceBatch faces_;
  std::vector<TrackedFace> tracked_;  // face for face with `faces_`, once predict() was called
};

}  // namespace mien
