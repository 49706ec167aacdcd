// Paths of the tiny networks (make_models.py), and the fixture of tests that need an inference
// library.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "infer/session.h"
#include "mien/error.h"

namespace mien {

inline std::string model_path(const std::string& name) {
  return (std::filesystem::path(MIEN_TEST_DATA) / "models" / (name + ".onnx")).string();
}

// Expects `call` to throw an E whose message contains each of `parts`.
template <typename E, typename Call>
void expect_error(const Call& call, const std::vector<std::string>& parts) {
  try {
    call();
    FAIL() << "nothing was thrown";
  } catch (const E& e) {
    for (const std::string& part : parts) {
      EXPECT_NE(std::string(e.what()).find(part), std::string::npos)
          << "'" << part << "' is missing in: " << e.what();
    }
  }
}

// For tests that run networks. They fail rather than skip without a library, which mien requires.
class InferTest : public testing::Test {
 protected:
  void SetUp() override {
    try {
      runtime_info();
    } catch (const ProviderError& e) {
      FAIL() << "set MIEN_ONNXRUNTIME to a libonnxruntime.so, e.g. of a Python environment's "
                "site-packages/onnxruntime/capi: "
             << e.what();
    }
  }
};

}  // namespace mien
