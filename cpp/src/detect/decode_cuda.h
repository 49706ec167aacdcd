// Decoding and suppression on a CUDA device. Defined only where the CUDA parts are built
// (device/dispatch.h).
#pragma once

#include <memory>
#include <span>

#include "detect/priors.h"
#include "device/device.h"

namespace mien {

// Decodes the outputs of a localization network for one size of its input. Holds the priors and
// working memory on the device; not thread-safe.
class DeviceDecoder {
 public:
  DeviceDecoder(const LocalizationInfo& info, int width, int height);
  ~DeviceDecoder();
  DeviceDecoder(DeviceDecoder&&) noexcept;

  // decode_faces() for one frame after the other: `output` lies in device memory and holds the
  // outputs of positions.size() frames, which share `plan`. Joins the queue of work on `frames` and
  // waits for it. Faces, their order and their numbers are those of decode_faces up to rounding:
  // candidates whose scores differ in the last bit alone may swap.
  void decode(const DeviceFrames& frames, const LocalizationOutput& output,
              const LetterboxPlan& plan, const DecodeOptions& options,
              std::span<const int> positions, FaceBatch& faces);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mien
