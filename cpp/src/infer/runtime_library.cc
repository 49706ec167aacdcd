#include "infer/runtime_library.h"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <utility>
#include <vector>

#include "device/dispatch.h"
#include "infer/cuda_driver.h"
#include "mien/error.h"
#include "runtime/process.h"

namespace mien {
namespace {

struct ProviderName {
  const char* ours;
  const char* library;
};
constexpr std::array<ProviderName, 3> kProviders{{{"cpu", "CPUExecutionProvider"},
                                                  {"cuda", "CUDAExecutionProvider"},
                                                  {"tensorrt", "TensorrtExecutionProvider"}}};

#ifdef __APPLE__
constexpr std::array kDefaultNames{"libonnxruntime.1.dylib", "libonnxruntime.dylib"};
#else
constexpr std::array kDefaultNames{"libonnxruntime.so.1", "libonnxruntime.so"};
#endif

constexpr const char* kHowToGetIt =
    "; `pip install onnxruntime` (1.19 or newer) brings one along in onnxruntime/capi, "
    "MIEN_ONNXRUNTIME=/path/to/libonnxruntime.so names one";

std::mutex load_mutex;
std::string wanted_path;  // set by set_runtime_library; guarded by load_mutex
std::atomic<const Runtime*> loaded{nullptr};

thread_local std::string last_log;

// Called by the library, on any thread.
void keep_log(void*, int, const char*, const char*, const char*, const char* message) noexcept {
  last_log = message;
}

// For use before runtime() has a table of functions.
std::string take_message_of(const ort::Api& api, OrtStatus* status) {
  if (status == nullptr) return {};
  std::string text = api.GetErrorMessage(status);
  api.ReleaseStatus(status);
  return text;
}

struct OpenLibrary {
  void* handle;
  std::string name;  // the path or name given to dlopen
};

OpenLibrary open_exactly(const std::string& path, const char* named_by) {
  if (void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) return {handle, path};
  throw ProviderError("ONNX Runtime library '" + path + "' (" + named_by +
                      "): wanted a shared library that can be loaded, got: " + dlerror());
}

// A path that was set explicitly is the only one tried: any other library would be a silent
// fallback.
OpenLibrary open_library() {
  if (!wanted_path.empty()) return open_exactly(wanted_path, "set_runtime_library");
  const char* named = std::getenv("MIEN_ONNXRUNTIME");
  if (named != nullptr && *named != '\0') return open_exactly(named, "MIEN_ONNXRUNTIME");
  std::string tried;
  for (const char* name : kDefaultNames) {
    if (void* handle = dlopen(name, RTLD_NOW | RTLD_LOCAL)) return {handle, name};
    tried += std::string(tried.empty() ? "" : "; ") + dlerror();
  }
  throw ProviderError("ONNX Runtime: wanted a library on the system's search path, got: " + tried +
                      kHowToGetIt);
}

// The file that was loaded, if the system knows it.
std::string path_of(const OpenLibrary& library, const void* symbol) {
  Dl_info info;
  if (dladdr(symbol, &info) != 0 && info.dli_fname != nullptr) return info.dli_fname;
  return library.name;
}

std::vector<std::string> list_providers(const Runtime& r) {
  char** names = nullptr;
  int count = 0;
  const std::string error = take_message_of(r.api, r.api.GetAvailableProviders(&names, &count));
  if (!error.empty()) {
    throw ProviderError("ONNX Runtime library '" + r.info.path + "': no providers: " + error);
  }
  std::vector<std::string> found;
  for (const ProviderName& p : kProviders) {
    if (std::find(names, names + count, std::string(p.library)) != names + count) {
      found.emplace_back(p.ours);
    }
  }
  take_message_of(r.api, r.api.ReleaseAvailableProviders(names, count));  // never fails
  return found;
}

// Wheels from 1.29 on send telemetry about sessions and models unless it is disabled before they
// start; disabling it later is too late for the first report. What a laboratory analyses is
// private, so it is always disabled, whatever the variable was set to.
void forbid_telemetry() {
  constexpr const char* kName = "ORT_DISABLE_TELEMETRY";
  const char* value = std::getenv(kName);
  if (value == nullptr || std::string(value) != "1") setenv(kName, "1", 1);
}

// Versions 1.21 to 1.24 give results that change from run to run for the 8-bit detector (seen with
// the CPU wheels; 1.19, 1.20 and 1.25 on do not), so they are refused.
void refuse_changing_results(const RuntimeInfo& info) {
  for (const char* bad : {"1.21.", "1.22.", "1.23.", "1.24."}) {
    if (info.version.rfind(bad, 0) != 0) continue;
    throw ProviderError(
        "ONNX Runtime library '" + info.path + "': version " + info.version +
        " gives changing results for 8-bit networks; wanted 1.19, 1.20 or 1.25 and "
        "newer: pip install 'onnxruntime>=1.19,!=1.21.*,!=1.22.*,!=1.23.*,!=1.24.*'");
  }
}

const Runtime* load() {
  forbid_telemetry();
  const OpenLibrary library = open_library();
  void* symbol = dlsym(library.handle, "OrtGetApiBase");
  if (symbol == nullptr) {
    throw ProviderError("library '" + library.name +
                        "': wanted ONNX Runtime's OrtGetApiBase, got a library without it");
  }
  auto r = std::make_unique<Runtime>();
  r->info.path = path_of(library, symbol);
  const ort::ApiBase* base = reinterpret_cast<ort::GetApiBase>(symbol)();
  r->info.version = base->get_version();
  const void* table = base->get_api(ort::kApiVersion);
  if (table == nullptr) {
    throw ProviderError("ONNX Runtime library '" + r->info.path + "': wanted version 1." +
                        std::to_string(ort::kApiVersion) + " or newer, got " + r->info.version);
  }
  refuse_changing_results(r->info);
  r->api = ort::Api(table);
  const std::string error = take_message_of(
      r->api, r->api.CreateEnvWithCustomLogger(keep_log, nullptr, ort::kLogError, "mien", &r->env));
  if (!error.empty()) {
    throw ProviderError("ONNX Runtime library '" + r->info.path + "': no environment: " + error);
  }
  take_message_of(r->api, r->api.DisableTelemetryEvents(r->env));  // never fails
  r->info.providers = list_providers(*r);
  return r.release();
}

// Empty if the path can't be resolved, e.g. a bare name for the system's search path.
std::string canonical(const std::string& path) {
  std::error_code none;
  return std::filesystem::canonical(path, none).string();
}

}  // namespace

const Runtime& runtime() {
  if (const Runtime* r = loaded.load(std::memory_order_acquire)) return *r;
  const LibraryCall call;  // no fork while the lock is held
  const std::lock_guard lock(load_mutex);
  const Runtime* r = loaded.load(std::memory_order_relaxed);
  if (r == nullptr) {
    r = load();
    loaded.store(r, std::memory_order_release);
  }
  return *r;
}

const RuntimeInfo& runtime_info() { return runtime().info; }

void set_runtime_library(const std::string& path) {
  if (path.empty()) throw ProviderError("ONNX Runtime library: wanted a path, got ''");
  const LibraryCall call;  // no fork while the lock is held
  const std::lock_guard lock(load_mutex);
  const Runtime* r = loaded.load(std::memory_order_relaxed);
  if (r == nullptr) {
    wanted_path = path;
    return;
  }
  if (path != r->info.path && canonical(path) != canonical(r->info.path)) {
    throw ProviderError("ONNX Runtime library: wanted '" + path + "', got '" + r->info.path +
                        "', which this process already uses; name it before the first network");
  }
}

const char* library_provider_name(const std::string& provider) {
  const auto* p = std::find_if(kProviders.begin(), kProviders.end(),
                               [&](const ProviderName& n) { return n.ours == provider; });
  return p == kProviders.end() ? nullptr : p->library;
}

std::string describe(const RuntimeInfo& info) {
  std::string text = "onnxruntime " + info.version + " (" + info.path + ") offers ";
  for (std::size_t i = 0; i < info.providers.size(); ++i) {
    text += (i == 0 ? "" : ", ") + info.providers[i];
  }
  return text;
}

std::string choose_provider(const std::string& device) {
  const RuntimeInfo& info = runtime_info();
  const auto offers = [&](const std::string& p) {
    return std::find(info.providers.begin(), info.providers.end(), p) != info.providers.end();
  };
  if (device == "cuda" && cuda_is_emulated()) return device;
  if (device == "auto") return offers("cuda") && cuda_device_count() > 0 ? "cuda" : "cpu";
  if (library_provider_name(device) == nullptr) {
    throw ProviderError("execution provider: wanted auto, cpu, cuda or tensorrt, got '" + device +
                        "'");
  }
  if (!offers(device)) {
    throw ProviderError("execution provider: wanted '" + device + "', but " + describe(info) +
                        "; `pip install onnxruntime-gpu` brings a library with cuda and tensorrt");
  }
  return device;
}

std::string take_library_log() { return std::exchange(last_log, std::string()); }

std::string take_message(OrtStatus* status) {
  return status == nullptr ? std::string() : take_message_of(runtime().api, status);
}

}  // namespace mien
