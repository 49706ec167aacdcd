// A face between two detections: where it will be, where its box is, and when to doubt that it is
// still there. Geometry only; the pipeline's LandmarkTracker drives it.
#pragma once

#include <array>

#include "device/host_device.h"
#include "mien/types.h"

namespace mien {

// A coarse look at a crop, for comparing a face with itself a frame later.
inline constexpr int kSampleSide = 14;
using CropSample = std::array<float, kSampleSide * kSampleSide>;

struct Followed {
  Points5 points{};   // by its own landmarks in the last frame, frame pixels
  Point motion{};     // of their centre from the frame before, pixels
  Box box_in_crop{};  // the detector's box as it lay in the crop, crop pixels
  float score = 0;    // of that detection
  CropSample sample{};
  bool is_new = true;  // no motion known yet
};

// Where its five points should be in the next frame.
Points5 predict(const Followed& face);

// Boxes have no tilt: the centre is carried by the similarity, the sides by its scale.
Box box_to_crop(const Box& box, const Similarity& frame_to_crop);
Box box_to_frame(const Box& box, const Similarity& frame_to_crop);

// Row or column i of the sample's is this one of a crop's.
MIEN_HOST_DEVICE inline int sampled_at(int i, int size) {
  return (2 * i + 1) * size / (2 * kSampleSide);
}
// Of one channel (size, size) of a crop.
CropSample sample_crop(const float* channel, int size);
// Pearson correlation, -1 to 1; 0 if either is flat.
float correlation(const CropSample& a, const CropSample& b);

// Whether the crop was cut where the landmarks found in it say the face is. Landmarks read from
// something that is no face, or from the edge of one, lie about anywhere.
bool agree(const Similarity& cut, const Similarity& seen, int crop_size);

}  // namespace mien
