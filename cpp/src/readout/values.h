// The arithmetic of a row's values, shared by Readout on the CPU and DeviceReadout.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>

#include "device/host_device.h"
#include "mien/pack.h"
#include "mien/types.h"

namespace mien {

MIEN_HOST_DEVICE inline double activate(Activation activation, double x) {
  switch (activation) {
    case Activation::kSigmoid:
      return 1 / (1 + std::exp(-x));
    case Activation::kTanh:
      return std::tanh(x);
    case Activation::kIdentity:
    case Activation::kSoftmax:  // needs the whole head; see Softmax
      return x;
  }
  return x;
}

// What the softmax of one output needs to know about all outputs of its head.
struct Softmax {
  float highest;
  double sum;  // of exp(x - highest)
};

MIEN_HOST_DEVICE inline Softmax softmax_of(const float* x, std::size_t n) {
  Softmax softmax{x[0], 0};
  for (std::size_t i = 1; i < n; ++i) softmax.highest = std::max(softmax.highest, x[i]);
  for (std::size_t i = 0; i < n; ++i) {
    softmax.sum += std::exp(x[i] - static_cast<double>(softmax.highest));
  }
  return softmax;
}

MIEN_HOST_DEVICE inline double softmax_at(const Softmax& softmax, double x) {
  return std::exp(x - softmax.highest) / softmax.sum;
}

// The same angle in (-pi, pi].
MIEN_HOST_DEVICE inline double wrap(double angle) {
  constexpr double pi = std::numbers::pi;
  const double wrapped = std::remainder(angle, 2 * pi);
  return wrapped <= -pi ? wrapped + 2 * pi : wrapped;
}

// Angle by which the crop was turned relative to the frame, as a Roll (types.h, Note [Angles]): a
// face tilted by this angle is upright in the crop.
MIEN_HOST_DEVICE inline double turn_of(const Similarity& frame_to_crop) {
  return std::atan2(static_cast<double>(frame_to_crop.b), static_cast<double>(frame_to_crop.a));
}

// Rotates a direction of gaze by `turn` radians in the image plane. With x to the viewer's right, y
// down and z to the camera, a positive yaw looks to small x, a positive pitch to small y.
MIEN_HOST_DEVICE inline void turn_gaze(double turn, float& pitch, float& yaw) {
  const double x = -std::sin(yaw) * std::cos(pitch);
  const double y = -std::sin(pitch);
  const double z = std::cos(yaw) * std::cos(pitch);
  const double cosine = std::cos(turn);
  const double sine = std::sin(turn);
  const double frame_x = cosine * x + sine * y;
  const double frame_y = -sine * x + cosine * y;
  pitch = static_cast<float>(std::asin(std::clamp(-frame_y, -1.0, 1.0)));
  yaw = static_cast<float>(std::atan2(-frame_x, z));
}

// Moves a landmark from crop to frame coordinates.
MIEN_HOST_DEVICE inline void landmark_to_frame(const Similarity& frame_to_crop, float& x,
                                               float& y) {
  const double a = frame_to_crop.a;
  const double b = frame_to_crop.b;
  const double scale2 = a * a + b * b;
  const double dx = x - frame_to_crop.tx;
  const double dy = y - frame_to_crop.ty;
  x = static_cast<float>((a * dx + b * dy) / scale2);
  y = static_cast<float>((a * dy - b * dx) / scale2);
}

}  // namespace mien
