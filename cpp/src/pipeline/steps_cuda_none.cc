// Builds without the CUDA parts: the same function, and it says so.
#include "mien/error.h"
#include "pipeline/steps.h"

namespace mien {

std::unique_ptr<Steps> make_cuda_steps(const Networks&) {
  throw ProviderError("device: wanted CUDA, but this build of mien is without its CUDA parts");
}

}  // namespace mien
