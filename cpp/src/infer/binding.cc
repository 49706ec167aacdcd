#include <algorithm>
#include <utility>

#include "infer/session.h"
#include "infer/session_impl.h"
#include "mien/buffer.h"
#include "mien/error.h"
#include "runtime/process.h"

namespace mien {
namespace {

using ort::Receive;

using Shape = std::vector<std::int64_t>;

// Element types of the engine's inputs and outputs.
struct Element {
  int id;  // the library's number of the type
  std::size_t bytes;
};
constexpr Element kFloat{ort::kElementFloat32, sizeof(float)};
constexpr Element kByte{ort::kElementUint8, 1};

// A tensor of the library, over our CPU memory or memory of its own.
struct Tensor {
  Shape shape;
  Buffer<std::uint8_t> cpu;
  ort::ValueHandle value;
  void* data = nullptr;

  float* floats() const { return static_cast<float*>(data); }
};

std::size_t size_of(const Shape& shape) {
  std::size_t size = 1;
  for (const std::int64_t n : shape) size *= static_cast<std::size_t>(n);
  return size;
}

class TensorMaker {
 public:
  virtual ~TensorMaker() = default;
  virtual Tensor make(Shape shape, Element element, const std::string& what) const = 0;
};

class CpuTensors final : public TensorMaker {
 public:
  CpuTensors() {
    require_ok<PackError>(runtime().api.CreateCpuMemoryInfo(ort::kArenaAllocator,
                                                            ort::kMemoryDefault, Receive(memory_)),
                          [] { return std::string("CPU memory"); });
  }

  Tensor make(Shape shape, Element element, const std::string& what) const override {
    Tensor tensor;
    const std::size_t size = size_of(shape) * element.bytes;
    tensor.cpu.resize(size);
    tensor.data = tensor.cpu.data();
    std::fill_n(tensor.cpu.data(), size, std::uint8_t{0});
    tensor.shape = std::move(shape);
    require_ok<PackError>(runtime().api.CreateTensorWithDataAsOrtValue(
                              memory_.get(), tensor.data, size, tensor.shape.data(),
                              tensor.shape.size(), element.id, Receive(tensor.value)),
                          [&] { return what; });
    return tensor;
  }

 private:
  ort::MemoryInfoHandle memory_;
};

// Uninitialized memory of the library's own allocator for the provider's device. A run reads and
// writes such tensors in place.
class ProviderTensors final : public TensorMaker {
 public:
  explicit ProviderTensors(const Session& session) {
    const ort::Api& api = runtime().api;
    const auto what = [&] { return "memory of provider '" + session.provider() + "'"; };
    // The library's name for the memory; CUDA and TensorRT share theirs.
    const char* name = session.provider() == "cpu" ? "Cpu" : "Cuda";
    ort::MemoryInfoHandle memory;
    require_ok<ProviderError>(
        api.CreateMemoryInfo(name, ort::kDeviceAllocator, session.impl().device_id,
                             ort::kMemoryDefault, Receive(memory)),
        what);
    require_ok<ProviderError>(
        api.CreateAllocator(session.impl().handle.get(), memory.get(), Receive(allocator_)), what);
  }

  Tensor make(Shape shape, Element element, const std::string& what) const override {
    const ort::Api& api = runtime().api;
    const auto text = [&] { return what; };
    Tensor tensor;
    tensor.shape = std::move(shape);
    require_ok<ProviderError>(
        api.CreateTensorAsOrtValue(allocator_.get(), tensor.shape.data(), tensor.shape.size(),
                                   element.id, Receive(tensor.value)),
        text);
    require_ok<ProviderError>(api.GetTensorMutableData(tensor.value.get(), &tensor.data), text);
    return tensor;
  }

 private:
  ort::AllocatorHandle allocator_;
};

std::unique_ptr<TensorMaker> make_tensors(const Session& session, Binding::Memory memory) {
  if (memory == Binding::Memory::kCpu) return std::make_unique<CpuTensors>();
  return std::make_unique<ProviderTensors>(session);
}

std::string where(const Session& session) { return "network '" + session.path() + "'"; }

void require_type(const Session& session, const TensorSpec& spec, const char* kind,
                  const char* wanted) {
  if (spec.type == wanted) return;
  throw PackError(where(session) + ", " + kind + " '" + spec.name + "': wanted " + wanted +
                  ", got " + spec.type);
}

void require_fit(const Session& session, const Shape& shape) {
  const TensorSpec& spec = session.inputs()[0];
  bool fits = shape.size() == spec.shape.size();
  for (std::size_t i = 0; fits && i < shape.size(); ++i) {
    fits = shape[i] >= 1 && (spec.shape[i] < 0 || spec.shape[i] == shape[i]);
  }
  if (!fits) {
    throw PackError(where(session) + ", input '" + spec.name + "': wanted a shape that fits " +
                    shape_text(spec.shape) + ", got " + shape_text(shape));
  }
}

}  // namespace

class Binding::Impl {
 public:
  Impl(const Session& session, const Shape& input_shape, Memory memory)
      : session_(session),
        tensors_(make_tensors(session, memory)),
        input_(make_input(session, input_shape)) {
    for (const TensorSpec& spec : session.outputs()) {
      require_type(session, spec, "output", "float32");
      output_names_.push_back(spec.name.c_str());
    }
    for (Shape& shape : learn_output_shapes()) {
      outputs_.push_back(tensors_->make(std::move(shape), kFloat, where(session)));
      output_values_.push_back(outputs_.back().value.get());
    }
  }

  void run() {
    require_ok<ProviderError>(call(output_values_.data()), [&] {
      return where(session_) + ": a run on '" + session_.provider() + "' failed";
    });
  }

  void require_input(const char* type) const {
    require_type(session_, session_.inputs()[0], "input", type);
  }
  Tensor& input() { return input_; }
  const std::vector<Tensor>& outputs() const { return outputs_; }

 private:
  Tensor make_input(const Session& session, const Shape& shape) const {
    if (session.inputs().size() != 1) {
      throw PackError(where(session) + ": wanted one input, got " +
                      std::to_string(session.inputs().size()));
    }
    const TensorSpec& spec = session.inputs()[0];
    const bool is_bytes = spec.type == "uint8";
    if (!is_bytes) require_type(session, spec, "input", "float32");
    require_fit(session, shape);
    return tensors_->make(shape, is_bytes ? kByte : kFloat, where(session));
  }

  // The library writes a result to the given value, or allocates one if the value is null.
  OrtStatus* call(OrtValue** outputs) {
    const char* name = session_.inputs()[0].name.c_str();
    const OrtValue* value = input_.value.get();
    return runtime().api.Run(session_.impl().handle.get(), nullptr, &name, &value, 1,
                             output_names_.data(), output_names_.size(), outputs);
  }

  std::vector<Shape> learn_output_shapes() {
    const auto what = [&] {
      return where(session_) + ": can't run on an input of shape " + shape_text(input_.shape);
    };
    std::vector<OrtValue*> raw(output_names_.size(), nullptr);
    OrtStatus* status = call(raw.data());
    const std::vector<ort::ValueHandle> values(raw.begin(), raw.end());
    require_ok<PackError>(status, what);
    std::vector<Shape> shapes;
    for (const ort::ValueHandle& v : values) {
      ort::TensorInfoHandle info;
      require_ok<PackError>(runtime().api.GetTensorTypeAndShape(v.get(), Receive(info)), what);
      shapes.push_back(read_shape(info.get()));
    }
    return shapes;
  }

  const Session& session_;
  std::unique_ptr<TensorMaker> tensors_;  // destroyed after the tensors that it made
  Tensor input_;
  std::vector<Tensor> outputs_;
  std::vector<const char*> output_names_;
  std::vector<OrtValue*> output_values_;
};

Binding::Binding(const Session& session, const std::vector<std::int64_t>& input_shape,
                 Memory memory) {
  const LibraryCall call;
  impl_ = std::make_unique<Impl>(session, input_shape, memory);
}
Binding::~Binding() {
  const LibraryCall call;
  impl_.reset();
}
Binding::Binding(Binding&&) noexcept = default;

float* Binding::input() {
  impl_->require_input("float32");
  return impl_->input().floats();
}
std::uint8_t* Binding::input_bytes() {
  impl_->require_input("uint8");
  return static_cast<std::uint8_t*>(impl_->input().data);
}
const Shape& Binding::input_shape() const { return impl_->input().shape; }
const float* Binding::output(std::size_t i) const { return impl_->outputs().at(i).floats(); }
const Shape& Binding::output_shape(std::size_t i) const { return impl_->outputs().at(i).shape; }
std::size_t Binding::output_count() const { return impl_->outputs().size(); }
void Binding::run() {
  const LibraryCall call;
  impl_->run();
}

}  // namespace mien
