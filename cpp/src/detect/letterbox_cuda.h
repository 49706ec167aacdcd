// The letterbox on a CUDA device. Defined only where the CUDA parts are built (device/dispatch.h).
#pragma once

#include <span>

#include "detect/letterbox.h"
#include "device/device.h"
#include "mien/types.h"

namespace mien {

// Queues the work of letterbox() for frames[positions[0]], frames[positions[1]], ..., which must
// all have the plan's size. `out` is device memory for (positions, 3, plan.height, plan.width)
// floats; the values are letterbox()'s within a thousandth of a grey level.
void letterbox_cuda(const DeviceFrames& frames, std::span<const int> positions,
                    const LetterboxPlan& plan, const Normalization& normalization, float border,
                    float* out);

}  // namespace mien
