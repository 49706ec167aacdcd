// infer/: runs networks with ONNX Runtime. This is the only header through which the rest of the
// engine uses that library.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "mien/pack.h"

namespace mien {

struct SessionOptions {
  std::string provider = "cpu";  // cpu, cuda or tensorrt; resolve "auto" with choose_provider first
  int device_id = 0;             // of the GPU providers
  int threads = 1;               // inside one run; the engine's workers run many in parallel
};

// Facts about the inference library that was loaded.
struct RuntimeInfo {
  std::string path;                    // of the shared library
  std::string version;                 // e.g. "1.31.1"
  std::vector<std::string> providers;  // among cpu, cuda, tensorrt, those that the library offers
};

// Sets the path of the inference library, before anything else is loaded. Without it,
// $MIEN_ONNXRUNTIME and then the system's search path are tried. Throws ProviderError if another
// library is loaded already.
void set_runtime_library(const std::string& path);
// Loads the library if necessary. Throws ProviderError naming what was tried.
const RuntimeInfo& runtime_info();
// "auto" becomes "cuda" where the library has it and a CUDA device answers, else "cpu"; other names
// are checked and kept. Throws ProviderError for a provider that is unknown or not built into the
// library. (Where CUDA is emulated, "cuda" is always available.)
std::string choose_provider(const std::string& device);

// The shape has -1 for free dimensions.
struct TensorSpec {
  std::string name;
  std::vector<std::int64_t> shape;
  std::string type;  // "float32", "float16", "uint8", ...
};

// Immutable and shared by all workers; owns the weights.
class Session {
 public:
  // Throws PackError if the file can't be read as a network, ProviderError if the provider is not
  // available.
  Session(const std::string& path, const SessionOptions& options);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  const std::string& path() const;
  const std::string& provider() const;
  const std::vector<TensorSpec>& inputs() const;
  const std::vector<TensorSpec>& outputs() const;
  const Metadata& metadata() const;

  class Impl;
  Impl& impl() const { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

// One worker's input and output buffers for one input shape, bound once; run() allocates nothing.
// Networks with one float32 or uint8 input and float32 outputs whose shapes follow from the input's
// (weights may be INT8 or fp16 inside). Not thread-safe. The Session must outlive it.
class Binding {
 public:
  // Where the buffers are: kCpu is CPU memory, 64-byte aligned; kProvider is memory of the device
  // that the session's provider runs on, so that runs copy nothing.
  enum class Memory : std::uint8_t { kCpu, kProvider };

  // Runs once to learn the output shapes. Throws PackError if the network does not take this shape.
  Binding(const Session& session, const std::vector<std::int64_t>& input_shape,
          Memory memory = Memory::kCpu);
  ~Binding();
  Binding(Binding&&) noexcept;

  // Each throws PackError if the network takes the other type.
  float* input();
  std::uint8_t* input_bytes();
  const std::vector<std::int64_t>& input_shape() const;
  // Output i in the order of Session::outputs(): the network's own float32 values.
  const float* output(std::size_t i) const;
  const std::vector<std::int64_t>& output_shape(std::size_t i) const;
  std::size_t output_count() const;
  // Reads input(), which no pending work of another stream may still write. All outputs are written
  // when it returns. Throws ProviderError if the library fails, e.g. if memory runs out.
  void run();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mien
