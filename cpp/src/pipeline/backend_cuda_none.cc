// For builds without the CUDA parts: the same function, which throws.
#include "mien/error.h"
#include "pipeline/backend.h"

namespace mien {

std::unique_ptr<Backend> make_cuda_backend(const Networks&) {
  throw ProviderError("device: wanted CUDA, but this build of mien is without its CUDA parts");
}

}  // namespace mien
