// The readout on a CUDA device. Defined only where the CUDA parts are built (device/dispatch.h).
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "device/device.h"
#include "readout/readout.h"

namespace mien {

// Holds a Readout's plan on the device; not thread-safe.
class DeviceReadout {
 public:
  explicit DeviceReadout(const Readout& readout);  // which must outlive it
  ~DeviceReadout();
  DeviceReadout(DeviceReadout&&) noexcept;

  // Queues Readout::read() for faces 0 to frame_to_crop.size() of the outputs, behind the work on
  // `frames`. The outputs lie in device memory, as does `rows`: (faces, columns) floats. Values are
  // those of the CPU up to rounding.
  void read(const DeviceFrames& frames, const std::vector<TensorView>& heads,
            std::span<const Similarity> frame_to_crop, float* rows);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mien
