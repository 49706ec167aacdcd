// Centres and overlap of boxes, for detection and tracking.
#pragma once

#include <algorithm>

#include "device/host_device.h"
#include "mien/types.h"

namespace mien {

inline Point centre_of(const Box& box) {
  return {box.x + 0.5f * box.width, box.y + 0.5f * box.height};
}

// Intersection over union, 0-1; 0 if a box has no area.
MIEN_HOST_DEVICE inline float intersection_over_union(const Box& a, const Box& b) {
  const float width = std::min(a.x + a.width, b.x + b.width) - std::max(a.x, b.x);
  const float height = std::min(a.y + a.height, b.y + b.height) - std::max(a.y, b.y);
  if (!(width > 0) || !(height > 0)) return 0;
  const float common = width * height;
  return common / (a.width * a.height + b.width * b.height - common);
}

}  // namespace mien
