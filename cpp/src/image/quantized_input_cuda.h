// Network input in bytes on a CUDA device. Defined only where the CUDA parts are built
// (device/dispatch.h).
#pragma once

#include <cstddef>
#include <cstdint>

#include "device/device.h"
#include "mien/pack.h"

namespace mien {

// Queues to_bytes() for `count` images in device memory on the stream of `frames`.
void to_bytes_cuda(const DeviceFrames& frames, const float* images, std::size_t count, int size,
                   const QuantizedInput& input, std::uint8_t* out);

}  // namespace mien
