// Where a resized image samples the original along one side, shared by the CPU and CUDA.
#pragma once

#include "device/host_device.h"

namespace mien {

// A position along one side: between samples `first` and `first + 1`, edges replicated.
struct Tap {
  int first;
  float second_weight;
};

// The tap of pixel i of the resized side; `scale` is original pixels per resized pixel.
MIEN_HOST_DEVICE inline Tap tap_at(int i, double scale, int frame_side) {
  const double wanted = (i + 0.5) * scale - 0.5;
  const double last = frame_side - 1;
  const double at = wanted < 0 ? 0 : (wanted > last ? last : wanted);
  const int first = static_cast<int>(at);
  return {first, static_cast<float>(at - first)};
}

MIEN_HOST_DEVICE inline int second_of(const Tap& tap, int frame_side) {
  return tap.first + 1 < frame_side ? tap.first + 1 : tap.first;
}

}  // namespace mien
