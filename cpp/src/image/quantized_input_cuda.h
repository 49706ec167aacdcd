// Network input in bytes on a CUDA device. Defined only where the CUDA parts are built
// (device/dispatch.h).
#pragma once

#include <cstddef>
#include <cstdint>

#include "device/device.h"
#include "mien/pack.h"

namespace mien {

// Queues the work of to_bytes() on `count` images in device memory, behind the work on `frames`.
void to_bytes_cuda(const DeviceFrames& frames, const float* images, std::size_t count, int size,
                   const QuantizedInput& input, std::uint8_t* out);

}  // namespace mien
