// Counts CUDA devices through the driver itself, so that neither toolkit nor CUDA build is needed.
#pragma once

namespace mien {

// Devices the driver lets this process see; 0 where there is no driver or no device.
int cuda_device_count();

}  // namespace mien
