#include "infer/session_options.h"

#include <array>
#include <cstdlib>
#include <filesystem>

#include "infer/cuda_driver.h"
#include "mien/error.h"
#include "runtime/build_info.h"

namespace mien {
namespace {

using ort::Receive;

// The message consists of the status text and what the library logged.
[[noreturn]] void refuse(const std::string& provider, const std::string& text) {
  const std::string log = take_library_log();
  const bool new_log = !log.empty() && text.find(log) == std::string::npos;
  throw ProviderError("execution provider '" + provider + "' can't be had: " + text +
                      (new_log ? " (" + log + ")" : "") + "; " + describe(runtime_info()));
}

void require(const std::string& provider, OrtStatus* status) {
  const std::string text = take_message(status);
  if (!text.empty()) refuse(provider, text);
}

void append_cuda(OrtSessionOptions* session, int device_id) {
  const ort::Api& api = runtime().api;
  ort::CudaOptionsHandle cuda;
  require("cuda", api.CreateCUDAProviderOptions(Receive(cuda)));
  // By default cuDNN tries every algorithm for each new shape, which costs seconds for each video
  // of a new size.
  const std::string id = std::to_string(device_id);
  const std::array keys{"device_id", "cudnn_conv_algo_search"};
  const std::array values{id.c_str(), "HEURISTIC"};
  require("cuda",
          api.UpdateCUDAProviderOptions(cuda.get(), keys.data(), values.data(), keys.size()));
  require("cuda", api.SessionOptionsAppendExecutionProvider_CUDA_V2(session, cuda.get()));
}

void append_tensorrt(OrtSessionOptions* session, int device_id) {
  const ort::Api& api = runtime().api;
  ort::TensorRtOptionsHandle tensorrt;
  require("tensorrt", api.CreateTensorRTProviderOptions(Receive(tensorrt)));
  const std::string folder = tensorrt_cache_folder();
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) refuse("tensorrt", "engine cache folder '" + folder + "': " + error.message());
  const std::string id = std::to_string(device_id);
  const std::array keys{"device_id", "trt_fp16_enable", "trt_engine_cache_enable",
                        "trt_engine_cache_path"};
  const std::array values{id.c_str(), "1", "1", folder.c_str()};
  require("tensorrt", api.UpdateTensorRTProviderOptions(tensorrt.get(), keys.data(), values.data(),
                                                        keys.size()));
  require("tensorrt",
          api.SessionOptionsAppendExecutionProvider_TensorRT_V2(session, tensorrt.get()));
}

void append_provider(OrtSessionOptions* session, const SessionOptions& options) {
  if (options.provider == "cpu") return;  // needs no provider library
  const int devices = cuda_device_count();
  if (options.device_id < 0 || options.device_id >= devices) {
    refuse(options.provider, "wanted CUDA device " + std::to_string(options.device_id) +
                                 ", but the driver shows " + std::to_string(devices));
  }
  if (options.provider == "tensorrt") append_tensorrt(session, options.device_id);
  append_cuda(session, options.device_id);  // runs the nodes that TensorRT does not support
}

void require_valid(const SessionOptions& options) {
  if (options.provider == "auto") {
    throw ProviderError("execution provider: wanted cpu, cuda or tensorrt, got 'auto'");
  }
  choose_provider(options.provider);
  if (options.threads < 1) {
    throw OptionError("session threads: wanted at least 1, got " + std::to_string(options.threads));
  }
}

}  // namespace

std::string tensorrt_cache_folder() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache != nullptr && *cache != '\0') return std::string(cache) + "/mien/tensorrt";
  const char* home = std::getenv("HOME");
  if (home != nullptr && *home != '\0') return std::string(home) + "/.cache/mien/tensorrt";
  throw ProviderError(
      "execution provider 'tensorrt': wanted XDG_CACHE_HOME or HOME to say where engines are "
      "kept, got neither");
}

ort::SessionOptionsHandle make_session_options(const SessionOptions& options) {
  require_valid(options);
  const ort::Api& api = runtime().api;
  const auto check = [](OrtStatus* status) {
    require_ok<ProviderError>(status, [] { return std::string("session options"); });
  };
  ort::SessionOptionsHandle session;
  check(api.CreateSessionOptions(Receive(session)));
  check(api.SetSessionExecutionMode(session.get(), ort::kSequential));
  check(api.SetSessionGraphOptimizationLevel(session.get(), ort::kOptimizeAll));
  check(api.SetIntraOpNumThreads(session.get(), options.threads));
  check(api.SetInterOpNumThreads(session.get(), 1));
  check(api.EnableCpuMemArena(session.get()));
  // Idle threads sleep, to leave the cores to the engine's workers and the caller's program.
  check(api.AddSessionConfigEntry(session.get(), "session.intra_op.allow_spinning", "0"));
  // CPUs without VNNI sum products of 8-bit values in 16 bits and may saturate. This option makes
  // them exact, at the cost of speed, so that a network gives the same numbers everywhere. CPUs
  // with VNNI are exact anyway and would run at a third of their speed.
  if (!has_vnni()) {
    check(api.AddSessionConfigEntry(session.get(), "session.x64quantprecision", "1"));
  }
  append_provider(session.get(), options);
  return session;
}

}  // namespace mien
