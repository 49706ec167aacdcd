// For tests that need a CUDA device: they are skipped without one, or fail if MIEN_REQUIRE_CUDA=1.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <string_view>

#include "device/dispatch.h"

namespace mien::test {

inline bool cuda_is_required() {
  const char* value = std::getenv("MIEN_REQUIRE_CUDA");
  return value != nullptr && std::string_view(value) == "1";
}

// Skips or fails the test that calls it, which must then return.
inline void require_cuda_device() {
  if (!cuda_device_names().empty()) return;
  if (cuda_is_required()) FAIL() << "MIEN_REQUIRE_CUDA=1, but no CUDA device answers";
  GTEST_SKIP() << "no CUDA device answers";
}

class CudaTest : public testing::Test {
 protected:
  void SetUp() override { require_cuda_device(); }
};

}  // namespace mien::test
