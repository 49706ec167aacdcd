#include "infer/cuda_driver.h"

#include <dlfcn.h>

namespace mien {
namespace {

// The driver stays open: it keeps state of the process once initialized.
int ask_driver() {
  void* driver = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  if (driver == nullptr) return 0;
  // Both return 0 on success.
  const auto init = reinterpret_cast<int (*)(unsigned)>(dlsym(driver, "cuInit"));
  const auto get_count = reinterpret_cast<int (*)(int*)>(dlsym(driver, "cuDeviceGetCount"));
  if (init == nullptr || get_count == nullptr || init(0) != 0) return 0;
  int count = 0;
  return get_count(&count) == 0 ? count : 0;
}

}  // namespace

int cuda_device_count() {
  static const int count = ask_driver();
  return count;
}

}  // namespace mien
