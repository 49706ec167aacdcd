// The letterbox on a CUDA device. Defined only where the CUDA parts are built (device/dispatch.h).
#pragma once

#include <span>

#include "detect/letterbox.h"
#include "device/device.h"
#include "mien/types.h"

namespace mien {

// Queues letterbox() for frames[positions[0]], frames[positions[1]], ... on the stream of `frames`.
// All must have the size that the plan was made for, in square pixels. `out` is device memory for
// (positions, 3, plan.height, plan.width) floats; values differ from those of letterbox() by at
// most a thousandth of a grey level.
void letterbox_cuda(const DeviceFrames& frames, std::span<const int> positions,
                    const LetterboxPlan& plan, const Normalization& normalization, float border,
                    float* out);

}  // namespace mien
