// ONNX Runtime as found on this machine: opened once, never closed. Private to infer/.
#pragma once

#include <string>

#include "infer/ort_abi.h"
#include "infer/session.h"

namespace mien {

struct Runtime {
  RuntimeInfo info;
  ort::Api api;
  OrtEnv* env = nullptr;  // one per process, as the library requires
};

// Opens the library on the first call; later calls only read. Throws ProviderError as
// runtime_info() does. The object lives until the process ends, as sessions with static storage
// duration may outlive any of our destructors.
const Runtime& runtime();

// The library's name of a provider and back: "cuda" and "CUDAExecutionProvider". Null if unknown.
const char* library_provider_name(const std::string& provider);

// "onnxruntime 1.31.1 (/path/libonnxruntime.so) offers cpu, cuda", for messages.
std::string describe(const RuntimeInfo& info);

// Returns and clears the last error that the library logged on this thread. Status texts often say
// only "failed" where the log gives the reason.
std::string take_library_log();

// Empty on success. Releases the status.
std::string take_message(OrtStatus* status);

// Throws E("<what>: <the library's text>") if the status is a failure. `what` is a function, so
// that successful calls build no string.
template <typename E, typename What>
void require_ok(OrtStatus* status, const What& what) {
  if (status != nullptr) [[unlikely]] {
    const std::string text = take_message(status);
    throw E(what() + ": " + text);
  }
}

}  // namespace mien
