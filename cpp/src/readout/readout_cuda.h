// The readout on a CUDA device. Defined only where the CUDA parts are built (device/dispatch.h).
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "device/device.h"
#include "readout/readout.h"

namespace mien {

// Keeps a Readout's plan on the device. Not thread-safe.
class DeviceReadout {
 public:
  explicit DeviceReadout(const Readout& readout);  // which must outlive it
  ~DeviceReadout();
  DeviceReadout(DeviceReadout&&) noexcept;

  // Queues Readout::read() for the first frame_to_crop.size() faces of the outputs on the stream of
  // `frames`. The outputs are in device memory, and so is `rows`, (faces, columns) floats. Values
  // equal those of the CPU up to rounding.
  void read(const DeviceFrames& frames, const std::vector<TensorView>& heads,
            std::span<const Similarity> frame_to_crop, float* rows);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mien
