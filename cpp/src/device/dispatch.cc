#include "device/dispatch.h"

#include "device/device.h"
#include "mien/error.h"

// With CUDA, these are defined in cpp/cuda/*.cu.
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
bool cuda_is_emulated() { return false; }
std::vector<std::string> cuda_device_names() { return {}; }

class DeviceImages::Impl {};
DeviceImages::DeviceImages() { refuse(); }
DeviceImages::~DeviceImages() = default;
DeviceImages::Image DeviceImages::copy(const FrameView&, Depth) { refuse(); }
DeviceImages::Image DeviceImages::rgb24(const FrameView&) { refuse(); }
void download_rgb24(const FrameView&, std::uint8_t*) { refuse(); }
void order_after_legacy_stream(std::uintptr_t) { refuse(); }
void order_legacy_stream_after(std::uintptr_t) { refuse(); }
void* cuda_context() { refuse(); }

}  // namespace mien
#endif
