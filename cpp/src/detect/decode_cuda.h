// Decoding and suppression on a CUDA device. Defined only where the CUDA parts are built
// (device/dispatch.h).
#pragma once

#include <memory>
#include <span>

#include "detect/priors.h"
#include "device/device.h"

namespace mien {

// Decodes the detector's outputs for one size of its input. Keeps the priors and working memory on
// the device. Not thread-safe.
class DeviceDecoder {
 public:
  DeviceDecoder(const DetectorInfo& info, int width, int height);
  ~DeviceDecoder();
  DeviceDecoder(DeviceDecoder&&) noexcept;

  // decode_faces() for one frame after the other: `output` is in device memory and holds the
  // outputs for positions.size() frames, which share `plan`. Runs on the stream of `frames` and
  // waits for it. Faces and their order equal those of decode_faces() up to rounding: candidates
  // whose scores differ in the last bit only may swap.
  void decode(const DeviceFrames& frames, const DetectorOutput& output, const LetterboxPlan& plan,
              const DecodeOptions& options, std::span<const int> positions, FaceBatch& faces);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mien
