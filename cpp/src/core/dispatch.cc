#include "core/dispatch.h"

#include "core/device.h"
#include "mien/error.h"

// With CUDA these live in cpp/cuda/*.cu.
#ifndef MIEN_HAS_CUDA
namespace mien {
namespace {

[[noreturn]] void refuse() {
  throw ProviderError(
      "this build has no CUDA kernels (no CUDA toolkit was found when it was built); wanted one "
      "with them");
}

}  // namespace

bool cuda_built() { return false; }
bool cuda_on_host() { return false; }
std::vector<std::string> cuda_device_names() { return {}; }

class DevicePictures::Impl {};
DevicePictures::DevicePictures() { refuse(); }
DevicePictures::~DevicePictures() = default;
DevicePictures::Picture DevicePictures::copy(const FrameView&, Depth) { refuse(); }
DevicePictures::Picture DevicePictures::rgb24(const FrameView&) { refuse(); }
void download_rgb24(const FrameView&, std::uint8_t*) { refuse(); }
void order_after_legacy_stream(std::uintptr_t) { refuse(); }
void order_legacy_stream_after(std::uintptr_t) { refuse(); }
void* cuda_context() { refuse(); }

}  // namespace mien
#endif
