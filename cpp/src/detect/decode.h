// The arithmetic of one prior, shared by decode_faces on the CPU and DeviceDecoder.
#pragma once

#include <cmath>
#include <cstddef>

#include "detect/letterbox.h"
#include "detect/priors.h"
#include "device/host_device.h"
#include "mien/types.h"

namespace mien {

// Scale of the offsets, in prior sides.
struct Variances {
  float places;  // of centres and points
  float sizes;   // of logarithms of sides
};

// Network pixels, edge-based; `offsets` are the network's four numbers.
MIEN_HOST_DEVICE inline Box decode_box(const Prior& prior, const float* offsets,
                                       const Variances& variances) {
  const float cx = prior.cx + offsets[0] * variances.places * prior.side;
  const float cy = prior.cy + offsets[1] * variances.places * prior.side;
  const float width = prior.side * exp_float(offsets[2] * variances.sizes);
  const float height = prior.side * exp_float(offsets[3] * variances.sizes);
  return {cx - width / 2, cy - height / 2, width, height};
}

// Point i of five.
MIEN_HOST_DEVICE inline Point decode_point(const Prior& prior, const float* offsets, std::size_t i,
                                           const Variances& variances) {
  return {prior.cx + offsets[2 * i] * variances.places * prior.side,
          prior.cy + offsets[2 * i + 1] * variances.places * prior.side};
}

// Whether the box and the five points are finite.
MIEN_HOST_DEVICE inline bool is_finite(const Box& box, const Prior& prior, const float* offsets,
                                       const Variances& variances) {
  float sum = std::fabs(box.x) + std::fabs(box.y) + box.width + box.height;
  for (std::size_t i = 0; i < 5; ++i) {
    const Point p = decode_point(prior, offsets, i, variances);
    sum += std::fabs(p.x) + std::fabs(p.y);
  }
  return std::isfinite(sum);
}

MIEN_HOST_DEVICE inline float score_of(float logit) { return 1 / (1 + exp_float(-logit)); }

// Network to frame pixels (letterbox.h).
MIEN_HOST_DEVICE inline Point to_frame(Point p, const LetterboxPlan& plan) {
  return {p.x * plan.scale_x - 0.5f, p.y * plan.scale_y - 0.5f};
}

MIEN_HOST_DEVICE inline Box to_frame(const Box& box, const LetterboxPlan& plan) {
  const Point corner = to_frame(Point{box.x, box.y}, plan);
  return {corner.x, corner.y, box.width * plan.scale_x, box.height * plan.scale_y};
}

// The logit at which score_of reaches `probability`.
float least_logit(float probability);

}  // namespace mien
