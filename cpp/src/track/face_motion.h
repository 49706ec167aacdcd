// Geometry of a face that is tracked by its landmarks from one frame to the next.
#pragma once

#include "mien/types.h"
#include "track/crop_sample.h"

namespace mien {

// A face as it was seen in the last frame.
struct TrackedFace {
  Points5 points{};          // by its landmarks, frame pixels
  Points5 detected{};        // by the detector, frame pixels; compared while the face is new
  Point motion{};            // of the points' centre since the frame before, pixels
  Box box_in_crop{};         // the detector's box in the coordinates of the crop, crop pixels
  float score = 0;           // of the detection, 0-1
  CropSample sample{};       // of its crop
  bool is_new = true;        // `motion` is not known yet
  bool is_doubtful = false;  // its points contradict each other: not followed
};

// Where the face's five points are expected in the next frame, frame pixels.
Points5 predict_points(const TrackedFace& face);

// Boxes stay upright: the similarity moves the centre, its scale multiplies the sides.
Box box_to_crop(const Box& box, const Similarity& frame_to_crop);
Box box_to_frame(const Box& box, const Similarity& frame_to_crop);

// Whether the similarity `cut`, by which a crop was cut, is close to the one `by_landmarks` that
// fits the landmarks found in that crop. Landmarks read from something that is no face, or from the
// edge of one, are scattered and fail this.
bool landmarks_fit_crop(const Similarity& cut, const Similarity& by_landmarks, int crop_size);

}  // namespace mien
