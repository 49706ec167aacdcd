#include <algorithm>
#include <utility>

#include "infer/session.h"
#include "infer/session_impl.h"
#include "mien/buffer.h"
#include "mien/error.h"

namespace mien {
namespace {

using ort::Receive;

using Shape = std::vector<std::int64_t>;

// A tensor of the library over memory of ours.
struct Tensor {
  Buffer<float> data;
  Shape shape;
  ort::ValueHandle value;

  Tensor(const OrtMemoryInfo* memory, Shape wanted, const std::string& what)
      : shape(std::move(wanted)) {
    std::size_t size = 1;
    for (const std::int64_t n : shape) size *= static_cast<std::size_t>(n);
    data.resize(size);
    std::fill(data.begin(), data.end(), 0.0f);
    require_ok<PackError>(runtime().api.CreateTensorWithDataAsOrtValue(
                              memory, data.data(), size * sizeof(float), shape.data(), shape.size(),
                              ort::kElementFloat32, Receive(value)),
                          [&] { return what; });
  }
};

ort::MemoryInfoHandle host_memory() {
  ort::MemoryInfoHandle memory;
  require_ok<PackError>(
      runtime().api.CreateCpuMemoryInfo(ort::kArenaAllocator, ort::kMemoryDefault, Receive(memory)),
      [] { return std::string("host memory"); });
  return memory;
}

std::string where(const Session& session) { return "network '" + session.path() + "'"; }

void require_float32(const Session& session, const TensorSpec& spec, const char* kind) {
  if (spec.type == "float32") return;
  throw PackError(where(session) + ", " + kind + " '" + spec.name + "': wanted float32, got " +
                  spec.type);
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
  Impl(const Session& session, const Shape& input_shape)
      : session_(session), input_(make_input(session, input_shape)) {
    for (const TensorSpec& spec : session.outputs()) {
      require_float32(session, spec, "output");
      output_names_.push_back(spec.name.c_str());
    }
    const ort::MemoryInfoHandle memory = host_memory();
    for (Shape& shape : learn_output_shapes()) {
      outputs_.emplace_back(memory.get(), std::move(shape), where(session));
      output_values_.push_back(outputs_.back().value.get());
    }
  }

  void run() {
    require_ok<ProviderError>(call(output_values_.data()), [&] {
      return where(session_) + ": a run on '" + session_.provider() + "' failed";
    });
  }

  Tensor& input() { return input_; }
  const std::vector<Tensor>& outputs() const { return outputs_; }

 private:
  static Tensor make_input(const Session& session, const Shape& shape) {
    if (session.inputs().size() != 1) {
      throw PackError(where(session) + ": wanted one input, got " +
                      std::to_string(session.inputs().size()));
    }
    require_float32(session, session.inputs()[0], "input");
    require_fit(session, shape);
    return {host_memory().get(), shape, where(session)};
  }

  // The library puts a result where the value says, and allocates one for a null value.
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
  Tensor input_;
  std::vector<Tensor> outputs_;
  std::vector<const char*> output_names_;
  std::vector<OrtValue*> output_values_;
};

Binding::Binding(const Session& session, const std::vector<std::int64_t>& input_shape)
    : impl_(std::make_unique<Impl>(session, input_shape)) {}
Binding::~Binding() = default;
Binding::Binding(Binding&&) noexcept = default;

float* Binding::input() { return impl_->input().data.data(); }
const Shape& Binding::input_shape() const { return impl_->input().shape; }
const float* Binding::output(std::size_t i) const { return impl_->outputs().at(i).data.data(); }
const Shape& Binding::output_shape(std::size_t i) const { return impl_->outputs().at(i).shape; }
std::size_t Binding::output_count() const { return impl_->outputs().size(); }
void Binding::run() { impl_->run(); }

}  // namespace mien
