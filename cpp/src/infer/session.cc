#include "infer/session.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

#include "infer/external_data.h"
#include "infer/session_impl.h"
#include "infer/session_options.h"
#include "mien/error.h"
#include "runtime/process.h"

namespace mien {
namespace {

using ort::Receive;

// The library's numbering of element types.
constexpr std::array kElementTypes{"undefined",  "float32", "uint8",  "int8",   "uint16",
                                   "int16",      "int32",   "int64",  "string", "bool",
                                   "float16",    "float64", "uint32", "uint64", "complex64",
                                   "complex128", "bfloat16"};

void check(OrtStatus* status, const std::string& path) {
  require_ok<PackError>(status, [&] { return "network '" + path + "'"; });
}

// The library's message about a missing file, the most common error, is long.
void require_file(const std::string& path) {
  std::error_code error;
  const auto kind = std::filesystem::status(path, error).type();
  if (kind == std::filesystem::file_type::not_found) {
    throw PackError("network '" + path + "': wanted an ONNX file, got no such file");
  }
  if (kind != std::filesystem::file_type::regular) {
    throw PackError("network '" + path + "': wanted an ONNX file, got something else");
  }
  errno = 0;
  if (!std::ifstream(path, std::ios::binary)) {
    throw PackError("network '" + path + "': can't be opened: " + std::strerror(errno));
  }
}

// Errors that mean that the library can't read the file, whatever the provider.
bool is_about_the_file(int code) {
  return code == ort::kErrorNoSuchFile || code == ort::kErrorNoModel ||
         code == ort::kErrorInvalidProtobuf || code == ort::kErrorInvalidGraph;
}

ort::SessionHandle create(const std::string& path, const SessionOptions& options) {
  const ort::SessionOptionsHandle prepared = make_session_options(options);
  require_file(path);
  refuse_external_data(path);
  const Runtime& r = runtime();
  ort::SessionHandle session;
  take_library_log();
  OrtStatus* status = r.api.CreateSession(r.env, path.c_str(), prepared.get(), Receive(session));
  if (status == nullptr) return session;
  const bool file = options.provider == "cpu" || is_about_the_file(r.api.GetErrorCode(status));
  const std::string text = take_message(status);
  if (file) {
    throw PackError("network '" + path + "': wanted an ONNX file that onnxruntime " +
                    r.info.version + " can run, got: " + text);
  }
  const std::string log = take_library_log();
  throw ProviderError("network '" + path + "': provider '" + options.provider +
                      "' can't run it: " + text + (log.empty() ? "" : " (" + log + ")"));
}

TensorSpec read_spec(const std::string& path, ort::Allocated<char> name,
                     const ort::TypeInfoHandle& type) {
  const ort::Api& api = runtime().api;
  TensorSpec spec;
  spec.name = name.get();
  int kind = 0;
  check(api.GetOnnxTypeFromTypeInfo(type.get(), &kind), path);
  if (kind != ort::kTypeTensor) {
    throw PackError("network '" + path + "', '" + spec.name +
                    "': wanted a tensor, got ONNX type number " + std::to_string(kind));
  }
  const OrtTensorTypeAndShapeInfo* info = nullptr;  // part of `type`
  check(api.CastTypeInfoToTensorInfo(type.get(), &info), path);
  int element = 0;
  check(api.GetTensorElementType(info, &element), path);
  const auto index = static_cast<std::size_t>(element);
  spec.type =
      index < kElementTypes.size() ? kElementTypes[index] : "type " + std::to_string(element);
  spec.shape = read_shape(info);
  return spec;
}

// `count`, `name_of` and `type_of` are the library's functions for inputs or for outputs.
template <typename Count, typename NameOf, typename TypeOf>
std::vector<TensorSpec> read_specs(const Session::Impl& impl, OrtAllocator* allocator, Count count,
                                   NameOf name_of, TypeOf type_of) {
  const OrtSession* session = impl.handle.get();
  std::size_t n = 0;
  check(count(session, &n), impl.path);
  std::vector<TensorSpec> specs;
  for (std::size_t i = 0; i < n; ++i) {
    ort::Allocated<char> name(nullptr, {allocator});
    ort::TypeInfoHandle type;
    check(name_of(session, i, allocator, Receive(name)), impl.path);
    check(type_of(session, i, Receive(type)), impl.path);
    specs.push_back(read_spec(impl.path, std::move(name), type));
  }
  return specs;
}

Metadata read_metadata(const Session::Impl& impl, OrtAllocator* allocator) {
  const ort::Api& api = runtime().api;
  ort::ModelMetadataHandle model;
  check(api.SessionGetModelMetadata(impl.handle.get(), Receive(model)), impl.path);
  ort::Allocated<char*> keys(nullptr, {allocator});
  std::int64_t count = 0;
  check(api.ModelMetadataGetCustomMetadataMapKeys(model.get(), allocator, Receive(keys), &count),
        impl.path);
  Metadata metadata;
  for (std::int64_t i = 0; i < count; ++i) {
    const ort::Allocated<char> key(keys.get()[i], {allocator});
    ort::Allocated<char> value(nullptr, {allocator});
    check(
        api.ModelMetadataLookupCustomMetadataMap(model.get(), allocator, key.get(), Receive(value)),
        impl.path);
    metadata[key.get()] = value.get();
  }
  return metadata;
}

}  // namespace

std::vector<std::int64_t> read_shape(const OrtTensorTypeAndShapeInfo* info) {
  const ort::Api& api = runtime().api;
  const auto what = [] { return std::string("shape of a tensor"); };
  std::size_t rank = 0;
  require_ok<PackError>(api.GetDimensionsCount(info, &rank), what);
  std::vector<std::int64_t> shape(rank);
  require_ok<PackError>(api.GetDimensions(info, shape.data(), rank), what);
  return shape;
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) text += ", ";
    text += shape[i] < 0 ? "?" : std::to_string(shape[i]);
  }
  return text + ")";
}

Session::Session(const std::string& path, const SessionOptions& options)
    : impl_(std::make_unique<Impl>()) {
  const LibraryCall call;
  const ort::Api& api = runtime().api;
  impl_->path = path;
  impl_->provider = options.provider;
  impl_->device_id = options.device_id;
  impl_->handle = create(path, options);
  OrtAllocator* allocator = nullptr;  // the library's own, never released
  check(api.GetAllocatorWithDefaultOptions(&allocator), path);
  impl_->inputs = read_specs(*impl_, allocator, api.SessionGetInputCount, api.SessionGetInputName,
                             api.SessionGetInputTypeInfo);
  impl_->outputs = read_specs(*impl_, allocator, api.SessionGetOutputCount,
                              api.SessionGetOutputName, api.SessionGetOutputTypeInfo);
  impl_->metadata = read_metadata(*impl_, allocator);
}

Session::~Session() {
  const LibraryCall call;
  impl_.reset();
}

const std::string& Session::path() const { return impl_->path; }
const std::string& Session::provider() const { return impl_->provider; }
const std::vector<TensorSpec>& Session::inputs() const { return impl_->inputs; }
const std::vector<TensorSpec>& Session::outputs() const { return impl_->outputs; }
const Metadata& Session::metadata() const { return impl_->metadata; }

}  // namespace mien
