#include "device/dispatch.h"

#include <gtest/gtest.h>

#include "cuda_device.h"

namespace mien {
namespace {

TEST(Dispatch, DevicesAreListedOnlyIfTheCudaPartsWereBuilt) {
  if (!cuda_built()) {
    EXPECT_TRUE(cuda_device_names().empty());
    EXPECT_FALSE(test::cuda_is_required()) << "MIEN_REQUIRE_CUDA=1 in a build without CUDA";
  }
  for (const std::string& name : cuda_device_names()) EXPECT_FALSE(name.empty());
}

}  // namespace
}  // namespace mien
