// Finding the library. A process keeps what it loads, so each failing case runs in a process of its
// own.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>

#include "device/dispatch.h"
#include "infer/cuda_driver.h"
#include "infer/session_options.h"
#include "test_models.h"

namespace mien {
namespace {

using Runtime = InferTest;

#ifdef __APPLE__
constexpr const char* kOtherLibrary = "libz.1.dylib";
#else
constexpr const char* kOtherLibrary = "libm.so.6";
#endif

// Exits with status 3 and the message on stderr after a ProviderError.
[[noreturn]] void report(const std::function<void()>& body) {
  int code = 0;
  try {
    body();
  } catch (const ProviderError& e) {
    std::fprintf(stderr, "%s\n", e.what());
    code = 3;
  }
  std::fflush(nullptr);
  std::_Exit(code);
}

// Not InferTest, which loads the library first.
class RuntimeDeathTest : public testing::Test {
 protected:
  void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_F(RuntimeDeathTest, APathThatIsNotALibraryIsAnErrorNamingIt) {
  EXPECT_EXIT(report([] {
                set_runtime_library("/no/such/libonnxruntime.so");
                runtime_info();
              }),
              testing::ExitedWithCode(3), "/no/such/libonnxruntime.so.*set_runtime_library.*got");
  EXPECT_EXIT(report([] {
                setenv("MIEN_ONNXRUNTIME", "/no/such/library.so", 1);
                runtime_info();
              }),
              testing::ExitedWithCode(3), "/no/such/library.so.*MIEN_ONNXRUNTIME.*got");
}

TEST_F(RuntimeDeathTest, AnotherLibraryIsRefused) {
  EXPECT_EXIT(report([] {
                set_runtime_library(kOtherLibrary);
                runtime_info();
              }),
              testing::ExitedWithCode(3), "wanted ONNX Runtime's OrtGetApiBase");
}

TEST_F(RuntimeDeathTest, WithoutALibraryTheErrorSaysHowToInstallOne) {
  EXPECT_EXIT(report([] {
                unsetenv("MIEN_ONNXRUNTIME");
                runtime_info();
                std::fprintf(stderr, "search path: ok, pip install, MIEN_ONNXRUNTIME=\n");
                std::_Exit(3);  // the system has one on its search path: not testable here
              }),
              testing::ExitedWithCode(3), "search path.*pip install.*MIEN_ONNXRUNTIME=");
}

TEST_F(RuntimeDeathTest, AnotherPathMayBeSetAfterAFailure) {
  const char* named = std::getenv("MIEN_ONNXRUNTIME");
  if (named == nullptr) GTEST_SKIP() << "MIEN_ONNXRUNTIME is not set";
  EXPECT_EXIT(report([named] {
                set_runtime_library("/no/such/libonnxruntime.so");
                try {
                  runtime_info();
                } catch (const ProviderError&) {
                  set_runtime_library(named);
                  std::_Exit(runtime_info().version.empty() ? 1 : 0);
                }
              }),
              testing::ExitedWithCode(0), "");
}

// Telemetry would be visible as files in the cache folder and as a thread of its own.
TEST_F(RuntimeDeathTest, TelemetryIsDisabled) {
  const std::string cache = testing::TempDir() + "mien-cache-without-telemetry";
  EXPECT_EXIT(report([&cache] {
                std::filesystem::remove_all(cache);
                std::filesystem::create_directories(cache);
                setenv("XDG_CACHE_HOME", cache.c_str(), 1);
                setenv("HOME", cache.c_str(), 1);
                setenv("ORT_DISABLE_TELEMETRY", "0", 1);
                unsetenv("CI");  // would disable it too
                const auto threads = [] {
                  const std::filesystem::directory_iterator tasks("/proc/self/task");
                  return std::distance(begin(tasks), end(tasks));
                };
                const bool linux = std::filesystem::exists("/proc/self/task");
                const auto before = linux ? threads() : 0;
                const Session session(model_path("two_outputs"), {});
                if (linux && threads() != before) throw ProviderError("a thread was started");
                if (!std::filesystem::is_empty(cache)) throw ProviderError("a file was written");
              }),
              testing::ExitedWithCode(0), "");
  std::filesystem::remove_all(cache);
}

TEST_F(Runtime, InfoNamesFileVersionAndProviders) {
  const RuntimeInfo& info = runtime_info();
  EXPECT_TRUE(std::filesystem::exists(info.path)) << info.path;
  EXPECT_EQ(info.version.rfind("1.", 0), 0u) << info.version;
  ASSERT_FALSE(info.providers.empty());
  EXPECT_EQ(info.providers[0], "cpu");
}

TEST_F(Runtime, TheSamePathMayBeSetAgainButNoOther) {
  EXPECT_NO_THROW(set_runtime_library(runtime_info().path));
  expect_error<ProviderError>([] { set_runtime_library("/other/libonnxruntime.so"); },
                              {"/other/libonnxruntime.so", runtime_info().path, "already"});
  expect_error<ProviderError>([] { set_runtime_library(""); }, {"wanted a path"});
}

TEST_F(Runtime, ChoosesProvidersOrThrows) {
  EXPECT_EQ(choose_provider("cpu"), "cpu");
  expect_error<ProviderError>([] { choose_provider("gpu"); }, {"cuda", "got 'gpu'"});
  const auto& offered = runtime_info().providers;
  const bool cuda = std::find(offered.begin(), offered.end(), "cuda") != offered.end();
  EXPECT_EQ(choose_provider("auto"), cuda && cuda_device_count() > 0 ? "cuda" : "cpu");
  for (const std::string provider : {"cuda", "tensorrt"}) {
    const bool is_offered = std::find(offered.begin(), offered.end(), provider) != offered.end();
    if (is_offered || (provider == "cuda" && cuda_is_emulated())) {
      EXPECT_EQ(choose_provider(provider), provider);
    } else {
      expect_error<ProviderError>([&] { choose_provider(provider); },
                                  {"'" + provider + "'", "offers cpu", runtime_info().path});
    }
  }
}

TEST_F(Runtime, TensorrtEnginesAreKeptInTheUsersCache) {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  const std::string before = cache == nullptr ? "" : cache;
  setenv("XDG_CACHE_HOME", "/some/cache", 1);
  EXPECT_EQ(tensorrt_cache_folder(), "/some/cache/mien/tensorrt");
  unsetenv("XDG_CACHE_HOME");
  const char* home = std::getenv("HOME");
  if (home != nullptr) {
    EXPECT_EQ(tensorrt_cache_folder(), std::string(home) + "/.cache/mien/tensorrt");
  }
  if (!before.empty()) setenv("XDG_CACHE_HOME", before.c_str(), 1);
}

}  // namespace
}  // namespace mien
