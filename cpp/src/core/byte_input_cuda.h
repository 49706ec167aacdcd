// Network input in bytes on a CUDA device. Defined only where the CUDA parts are built
// (core/dispatch.h).
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/device.h"
#include "mien/pack.h"

namespace mien {

// Queues the work of to_bytes() on `count` pictures in device memory, behind the work on `frames`.
void to_bytes_cuda(const DeviceFrames& frames, const float* pictures, std::size_t count, int size,
                   const ByteInput& input, std::uint8_t* out);

}  // namespace mien
