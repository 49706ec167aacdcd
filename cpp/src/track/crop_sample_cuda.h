// Samples of crops on a CUDA device. Defined only where the CUDA parts are built
// (device/dispatch.h).
#pragma once

#include <cstddef>

#include "device/device.h"
#include "track/crop_sample.h"

namespace mien {

// Queues sample_crop() of the first channel of each crop on the stream of `frames`. `crops` is
// device memory of (count, 3, size, size) floats, `samples` of (count, kSampleSide * kSampleSide);
// the values equal those of sample_crop().
void sample_crops_cuda(const DeviceFrames& frames, const float* crops, std::size_t count, int size,
                       float* samples);

}  // namespace mien
