#include "track/face_motion.h"

#include <cmath>
#include <numbers>

#include "image/box.h"
#include "image/similarity.h"

namespace mien {
namespace {

// Share of the last motion that is expected again: with all of it, predictions overshoot when a
// head stops, and the landmarks' jitter doubles.
constexpr float kMotionGain = 0.5f;

// Largest change from one frame to the next: shift as a share of the crop's side, factor of growth
// or shrinkage, tilt in radians. Anything beyond is another face or none.
constexpr double kMaxShift = 0.25;
constexpr double kMaxResize = 1.3;
constexpr double kMaxTilt = 0.4;

double scale_of(const Similarity& s) { return std::hypot(s.a, s.b); }

}  // namespace

Points5 predict_points(const TrackedFace& face) {
  Points5 points = face.points;
  for (Point& p : points) {
    p.x += kMotionGain * face.motion.x;
    p.y += kMotionGain * face.motion.y;
  }
  return points;
}

Box box_to_crop(const Box& box, const Similarity& frame_to_crop) {
  const float scale = static_cast<float>(scale_of(frame_to_crop));
  const Point centre = apply(frame_to_crop, centre_of(box));
  const float width = box.width * scale;
  const float height = box.height * scale;
  return {centre.x - 0.5f * width, centre.y - 0.5f * height, width, height};
}

Box box_to_frame(const Box& box, const Similarity& frame_to_crop) {
  return box_to_crop(box, invert(frame_to_crop));
}

bool landmarks_fit_crop(const Similarity& cut, const Similarity& by_landmarks, int crop_size) {
  if (!is_usable(cut) || !is_usable(by_landmarks)) return false;
  const float middle = 0.5f * static_cast<float>(crop_size - 1);
  const Point centre = apply(cut, apply(invert(by_landmarks), {middle, middle}));
  const double shift = std::hypot(centre.x - middle, centre.y - middle);
  const double resize = scale_of(by_landmarks) / scale_of(cut);
  const double tilt = std::remainder(
      std::atan2(by_landmarks.b, by_landmarks.a) - std::atan2(cut.b, cut.a), 2 * std::numbers::pi);
  return shift <= kMaxShift * crop_size && resize <= kMaxResize && resize >= 1 / kMaxResize &&
         std::abs(tilt) <= kMaxTilt;
}

}  // namespace mien
