// A network, ready to run. The only header through which the rest of the engine sees the inference
// library.
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
  int threads = 1;               // inside one run; the engine's workers run many side by side
};

// What is known of the inference library that was found at run time.
struct RuntimeInfo {
  std::string path;     // of the shared library
  std::string version;  // e.g. "1.31.1"
  std::vector<std::string>
      providers;  // of ours that this library was built with: cpu, cuda, tensorrt
};

// Tells where the inference library is, before anything else is loaded. Without it,
// $MIEN_ONNXRUNTIME, then the system's search path are tried. Throws ProviderError if a library was
// already loaded from elsewhere.
void set_runtime_library(const std::string& path);
// Loads the library if need be. Throws ProviderError naming what was tried.
const RuntimeInfo& runtime_info();
// "auto" becomes "cuda" where the library has it and a CUDA device answers, else "cpu"; other names
// are checked and kept. Throws ProviderError for a provider that is unknown or not built into the
// library. (Where CUDA is carried out on the host for tests, "cuda" can always be had.)
std::string choose_provider(const std::string& device);

// Shape with -1 for what is free.
struct TensorSpec {
  std::string name;
  std::vector<std::int64_t> shape;
  std::string type;  // "float32", "float16", "uint8", ...
};

// Immutable once built and shared by all workers: weights live here once.
class Session {
 public:
  // Throws PackError if the file can't be read as a network, ProviderError if the provider can't be
  // had.
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

// One worker's input and output buffers for one input shape, bound once; `run` allocates nothing.
// Networks with one float32 or uint8 input and float32 outputs whose shapes follow from the input's
// (weights may be INT8 or fp16 inside). Not thread-safe; make one per worker. The Session must
// outlive it.
class Binding {
 public:
  // Where the buffers lie: kHost is host memory, 64-byte aligned; kProvider is memory of the device
  // that the session's provider computes on, so that nothing is copied around a run.
  enum class Memory : std::uint8_t { kHost, kProvider };

  // Runs once to learn the output shapes. Throws PackError if the network does not take this shape.
  Binding(const Session& session, const std::vector<std::int64_t>& input_shape,
          Memory memory = Memory::kHost);
  ~Binding();
  Binding(Binding&&) noexcept;

  float* input();
  std::uint8_t*
  input_bytes();  // of a network that takes uint8; each throws PackError for the other
  const std::vector<std::int64_t>& input_shape() const;
  const float* output(
      std::size_t i) const;  // in the order of Session::outputs(); the network's own float32
  const std::vector<std::int64_t>& output_shape(std::size_t i) const;
  std::size_t output_count() const;
  // Reads input(), which must be there (no pending work of another stream writes it), and has
  // written every output() when it returns. Throws ProviderError if the library fails, e.g. for
  // want of memory.
  void run();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mien
