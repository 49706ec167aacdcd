// The warp on a CUDA device. Defined only where the CUDA parts are built (device/dispatch.h).
#pragma once

#include <span>

#include "device/device.h"
#include "mien/types.h"

namespace mien {

// Queues warp() for each face on the stream of `frames`: face i lies in frames[frame[i]] and
// frame_to_crop[i] aligns it. `out` is device memory for (faces, 3, size, size) floats; values
// differ from those of warp() by at most a thousandth of a grey level.
void warp_cuda(const DeviceFrames& frames, std::span<const int> frame,
               std::span<const Similarity> frame_to_crop, int size,
               const Normalization& normalization, float border, float* out);

}  // namespace mien
