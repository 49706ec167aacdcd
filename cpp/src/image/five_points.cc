#include "image/five_points.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace mien {
namespace {

constexpr float kMaxDistance = 0.35f;

float distance(Point a, Point b) { return std::hypot(a.x - b.x, a.y - b.y); }
Point middle(Point a, Point b) { return {(a.x + b.x) / 2, (a.y + b.y) / 2}; }

}  // namespace

float distance_in_faces(const Points5& a, const Points5& b) {
  const float size =
      std::max(distance(a[0], a[1]), distance(middle(a[0], a[1]), middle(a[3], a[4])));
  float sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += distance(a[i], b[i]);
  if (size == 0) return std::numeric_limits<float>::infinity();
  return sum / static_cast<float>(a.size()) / size;
}

bool contradict(const Points5& detected, const Points5& landmarks) {
  return !(distance_in_faces(detected, landmarks) <= kMaxDistance);
}

}  // namespace mien
