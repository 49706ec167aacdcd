#include "track/following.h"

#include <cmath>
#include <numbers>

#include "image/similarity.h"

namespace mien {
namespace {

// Share of the last motion that goes on: all of it overshoots when a head stops, and doubles the
// landmarks' jitter.
constexpr float kMotionGain = 0.5f;

// Between two frames a head at most moves by this share of the crop, grows or shrinks by this
// factor, and tilts by this angle (radians); the rest is somebody else or nobody.
constexpr double kMaxShift = 0.25;
constexpr double kMaxResize = 1.3;
constexpr double kMaxTilt = 0.4;

double scale_of(const Similarity& s) { return std::hypot(s.a, s.b); }

}  // namespace

Points5 predict(const Followed& face) {
  Points5 points = face.points;
  for (Point& p : points) {
    p.x += kMotionGain * face.motion.x;
    p.y += kMotionGain * face.motion.y;
  }
  return points;
}

Box box_to_crop(const Box& box, const Similarity& frame_to_crop) {
  const float scale = static_cast<float>(scale_of(frame_to_crop));
  const Point centre = apply(frame_to_crop, {box.x + 0.5f * box.width, box.y + 0.5f * box.height});
  const float width = box.width * scale;
  const float height = box.height * scale;
  return {centre.x - 0.5f * width, centre.y - 0.5f * height, width, height};
}

Box box_to_frame(const Box& box, const Similarity& frame_to_crop) {
  return box_to_crop(box, invert(frame_to_crop));
}

CropSample sample_crop(const float* channel, int size) {
  CropSample sample;
  for (int y = 0; y < kSampleSide; ++y) {
    const int row = sampled_at(y, size);
    for (int x = 0; x < kSampleSide; ++x) {
      sample[y * kSampleSide + x] = channel[row * size + sampled_at(x, size)];
    }
  }
  return sample;
}

float correlation(const CropSample& a, const CropSample& b) {
  double sum_a = 0, sum_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    sum_a += a[i];
    sum_b += b[i];
  }
  const double mean_a = sum_a / static_cast<double>(a.size());
  const double mean_b = sum_b / static_cast<double>(b.size());
  double both = 0, of_a = 0, of_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double da = a[i] - mean_a;
    const double db = b[i] - mean_b;
    both += da * db;
    of_a += da * da;
    of_b += db * db;
  }
  const double spread = std::sqrt(of_a * of_b);
  return spread > 0 ? static_cast<float>(both / spread) : 0;
}

bool agree(const Similarity& cut, const Similarity& seen, int crop_size) {
  if (!is_usable(cut) || !is_usable(seen)) return false;
  const float middle = 0.5f * static_cast<float>(crop_size - 1);
  const Point centre = apply(cut, apply(invert(seen), {middle, middle}));
  const double shift = std::hypot(centre.x - middle, centre.y - middle);
  const double resize = scale_of(seen) / scale_of(cut);
  const double tilt =
      std::remainder(std::atan2(seen.b, seen.a) - std::atan2(cut.b, cut.a), 2 * std::numbers::pi);
  return shift <= kMaxShift * crop_size && resize <= kMaxResize && resize >= 1 / kMaxResize &&
         std::abs(tilt) <= kMaxTilt;
}

}  // namespace mien
