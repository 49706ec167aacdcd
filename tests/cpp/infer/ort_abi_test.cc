// Calls every entry of the library's function table that mien declares, and checks its effect (Note
// [ORT ABI]).
#include "infer/ort_abi.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "infer/runtime_library.h"
#include "test_models.h"

namespace mien {
namespace {

std::set<std::string>& called() {
  static std::set<std::string> names;
  return names;
}

const ort::Api& api() { return runtime().api; }

// Records the entry's name and returns the entry.
#define CALL(name) (called().insert(#name), api().name)

std::string failure(OrtStatus* status) {
  if (status == nullptr) return {};
  const std::string text = CALL(GetErrorMessage)(status);
  CALL(ReleaseStatus)(status);
  return text.empty() ? "a failure without words" : text;
}

#define OK(status) EXPECT_EQ(failure(status), "")
#define FAILS(status) EXPECT_NE(failure(status), "")

// 0 if unknown.
std::size_t threads_of_process() {
  if (!std::filesystem::exists("/proc/self/task")) return 0;
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return static_cast<std::size_t>(std::distance(begin(tasks), end(tasks)));
}

struct Opened {
  OrtSessionOptions* options = nullptr;
  OrtSession* session = nullptr;
};

Opened open(const std::string& path) {
  Opened o;
  OK(CALL(CreateSessionOptions)(&o.options));
  OK(CALL(SetIntraOpNumThreads)(o.options, 1));
  OK(CALL(CreateSession)(runtime().env, path.c_str(), o.options, &o.session));
  return o;
}

void close(const Opened& o) {
  CALL(ReleaseSession)(o.session);
  CALL(ReleaseSessionOptions)(o.options);
}

void walk_environment() {
  OrtEnv* env = nullptr;
  const auto ignore = [](void*, int, const char*, const char*, const char*, const char*) {};
  OK(CALL(CreateEnvWithCustomLogger)(ignore, nullptr, ort::kLogError, "test", &env));
  EXPECT_EQ(env, runtime().env);  // the library has a single one with a reference count

  OK(CALL(DisableTelemetryEvents)(env));

  char** names = nullptr;
  int count = 0;
  OK(CALL(GetAvailableProviders)(&names, &count));
  EXPECT_TRUE(std::find(names, names + count, std::string("CPUExecutionProvider")) !=
              names + count);
  OK(CALL(ReleaseAvailableProviders)(names, count));
}

void walk_session_options() {
  OrtSessionOptions* options = nullptr;
  OK(CALL(CreateSessionOptions)(&options));
  ASSERT_NE(options, nullptr);
  OK(CALL(SetSessionExecutionMode)(options, ort::kSequential));
  FAILS(CALL(SetSessionExecutionMode)(options, 7));
  OK(CALL(SetSessionGraphOptimizationLevel)(options, ort::kOptimizeAll));
  FAILS(CALL(SetSessionGraphOptimizationLevel)(options, -1));
  OK(CALL(EnableCpuMemArena)(options));
  OK(CALL(AddSessionConfigEntry)(options, "session.intra_op.allow_spinning", "0"));
  FAILS(CALL(AddSessionConfigEntry)(options, "", "0"));
  CALL(ReleaseSessionOptions)(options);
}

// Thread counts are visible in the process: n threads of an operator are n - 1 and the caller's.
void walk_thread_counts() {
  constexpr int kParallel = 1;
  const std::string path = model_path("two_outputs");
  for (const bool intra : {true, false}) {
    Opened o;
    OK(CALL(CreateSessionOptions)(&o.options));
    OK(CALL(SetSessionExecutionMode)(o.options, kParallel));
    OK(CALL(SetIntraOpNumThreads)(o.options, intra ? 4 : 1));
    OK(CALL(SetInterOpNumThreads)(o.options, intra ? 1 : 4));
    const std::size_t before = threads_of_process();
    OK(CALL(CreateSession)(runtime().env, path.c_str(), o.options, &o.session));
    if (before > 0) {
      EXPECT_GE(threads_of_process(), before + 3) << (intra ? "intra" : "inter");
    }
    close(o);
    EXPECT_EQ(threads_of_process(), before);
  }
}

void walk_errors() {
  OrtSessionOptions* options = nullptr;
  OK(CALL(CreateSessionOptions)(&options));
  OrtSession* session = nullptr;
  OrtStatus* status = CALL(CreateSession)(runtime().env, "no/such.onnx", options, &session);
  ASSERT_NE(status, nullptr);
  EXPECT_EQ(session, nullptr);
  EXPECT_EQ(CALL(GetErrorCode)(status), ort::kErrorNoSuchFile);
  EXPECT_NE(failure(status).find("no/such.onnx"), std::string::npos);
  CALL(ReleaseSessionOptions)(options);
}

std::vector<std::int64_t> dimensions(const OrtTensorTypeAndShapeInfo* info) {
  std::size_t rank = 0;
  OK(CALL(GetDimensionsCount)(info, &rank));
  std::vector<std::int64_t> shape(rank);
  OK(CALL(GetDimensions)(info, shape.data(), rank));
  int type = 0;
  OK(CALL(GetTensorElementType)(info, &type));
  EXPECT_EQ(type, ort::kElementFloat32);
  return shape;
}

std::vector<std::int64_t> declared_shape(OrtTypeInfo* type) {
  int kind = 0;
  OK(CALL(GetOnnxTypeFromTypeInfo)(type, &kind));
  EXPECT_EQ(kind, ort::kTypeTensor);
  const OrtTensorTypeAndShapeInfo* info = nullptr;
  OK(CALL(CastTypeInfoToTensorInfo)(type, &info));
  const auto shape = dimensions(info);
  CALL(ReleaseTypeInfo)(type);
  return shape;
}

void walk_names_and_shapes(const OrtSession* session, OrtAllocator* allocator) {
  std::size_t inputs = 0, outputs = 0;
  OK(CALL(SessionGetInputCount)(session, &inputs));
  OK(CALL(SessionGetOutputCount)(session, &outputs));
  EXPECT_EQ(inputs, 1u);
  EXPECT_EQ(outputs, 2u);
  char* name = nullptr;
  OK(CALL(SessionGetInputName)(session, 0, allocator, &name));
  EXPECT_STREQ(name, "input");
  OK(CALL(AllocatorFree)(allocator, name));
  OK(CALL(SessionGetOutputName)(session, 1, allocator, &name));
  EXPECT_STREQ(name, "scaled");
  OK(CALL(AllocatorFree)(allocator, name));

  OrtTypeInfo* type = nullptr;
  OK(CALL(SessionGetInputTypeInfo)(session, 0, &type));
  EXPECT_EQ(declared_shape(type), (std::vector<std::int64_t>{-1, 3, -1, -1}));
  OK(CALL(SessionGetOutputTypeInfo)(session, 0, &type));
  EXPECT_EQ(declared_shape(type), (std::vector<std::int64_t>{-1, 3}));
}

void walk_metadata(const OrtSession* session, OrtAllocator* allocator) {
  OrtModelMetadata* metadata = nullptr;
  OK(CALL(SessionGetModelMetadata)(session, &metadata));
  char** keys = nullptr;
  std::int64_t count = 0;
  OK(CALL(ModelMetadataGetCustomMetadataMapKeys)(metadata, allocator, &keys, &count));
  std::set<std::string> found(keys, keys + count);
  EXPECT_EQ(found, (std::set<std::string>{"empty", "mien.name", "text"}));
  for (std::int64_t i = 0; i < count; ++i) OK(CALL(AllocatorFree)(allocator, keys[i]));
  OK(CALL(AllocatorFree)(allocator, keys));
  char* value = nullptr;
  OK(CALL(ModelMetadataLookupCustomMetadataMap)(metadata, allocator, "mien.name", &value));
  EXPECT_STREQ(value, "two_outputs");
  OK(CALL(AllocatorFree)(allocator, value));
  CALL(ReleaseModelMetadata)(metadata);
}

void walk_device_memory(OrtSession* session) {
  OrtMemoryInfo* memory = nullptr;
  OK(CALL(CreateMemoryInfo)("Cpu", ort::kDeviceAllocator, 0, ort::kMemoryDefault, &memory));
  OrtAllocator* allocator = nullptr;
  OK(CALL(CreateAllocator)(session, memory, &allocator));
  const std::int64_t shape[] = {2, 3};
  OrtValue* value = nullptr;
  OK(CALL(CreateTensorAsOrtValue)(allocator, shape, 2, ort::kElementFloat32, &value));
  void* data = nullptr;
  OK(CALL(GetTensorMutableData)(value, &data));
  ASSERT_NE(data, nullptr);
  std::fill_n(static_cast<float*>(data), 6, 1.0f);  // writable by us
  CALL(ReleaseValue)(value);
  CALL(ReleaseAllocator)(allocator);
  CALL(ReleaseMemoryInfo)(memory);
}

void walk_run(OrtSession* session) {
  OrtMemoryInfo* memory = nullptr;
  OK(CALL(CreateCpuMemoryInfo)(ort::kArenaAllocator, ort::kMemoryDefault, &memory));
  const std::int64_t shape[] = {1, 3, 1, 2};
  float data[] = {1, 3, 5, 7, -2, 2};
  OrtValue* input = nullptr;
  OK(CALL(CreateTensorWithDataAsOrtValue)(memory, data, sizeof data, shape, 4, ort::kElementFloat32,
                                          &input));
  float mean[3] = {};
  const std::int64_t mean_shape[] = {1, 3};
  OrtValue* outputs[2] = {nullptr,
                          nullptr};  // the first is ours, the second is allocated by the library
  OK(CALL(CreateTensorWithDataAsOrtValue)(memory, mean, sizeof mean, mean_shape, 2,
                                          ort::kElementFloat32, &outputs[0]));
  const char* input_names[] = {"input"};
  const char* output_names[] = {"mean", "scaled"};
  const OrtValue* inputs[] = {input};
  OK(CALL(Run)(session, nullptr, input_names, inputs, 1, output_names, 2, outputs));
  EXPECT_EQ(std::vector<float>(mean, mean + 3), (std::vector<float>{2, 6, 0}));
  OrtTensorTypeAndShapeInfo* info = nullptr;
  OK(CALL(GetTensorTypeAndShape)(outputs[1], &info));
  EXPECT_EQ(dimensions(info), (std::vector<std::int64_t>{1, 3, 1, 2}));
  CALL(ReleaseTensorTypeAndShapeInfo)(info);
  for (OrtValue* value : {input, outputs[0], outputs[1]}) CALL(ReleaseValue)(value);
  CALL(ReleaseMemoryInfo)(memory);
}

bool offers(const char* provider) {
  const auto& all = runtime_info().providers;
  return std::find(all.begin(), all.end(), provider) != all.end();
}

// A library without the provider returns a status that says so; one with the provider knows its
// keys and, on a machine without the vendor's libraries, names the file that it could not load.
template <typename Options, typename Create, typename Update, typename Append, typename Release>
void walk_provider(const char* name, Create create, Update update, Append append, Release release) {
  OrtSessionOptions* session = nullptr;
  OK(CALL(CreateSessionOptions)(&session));
  Options* options = nullptr;
  const char* keys[] = {"device_id", "no_such_key"};
  const char* values[] = {"0", "1"};
  if (offers(name)) {
    OK(create(&options));
    ASSERT_NE(options, nullptr);
    const std::string loading = failure(update(options, keys, values, 1));
    FAILS(update(options, keys, values, 2));
    if (loading.empty()) {
      failure(append(session, options));  // with a device or without
    } else {
      EXPECT_NE(loading.find("libonnxruntime_providers_"), std::string::npos) << loading;
      FAILS(append(session, options));
    }
  } else {
    FAILS(create(&options));
    FAILS(update(options, keys, values, 1));
    // mien has no options to append in that case, but some versions read them before they fail.
    alignas(64) const std::byte zeros[4096]{};
    FAILS(append(session, reinterpret_cast<const Options*>(zeros)));
  }
  release(options);
  CALL(ReleaseSessionOptions)(session);
}

void walk_providers() {
  walk_provider<OrtCUDAProviderOptionsV2>(
      "cuda", CALL(CreateCUDAProviderOptions), CALL(UpdateCUDAProviderOptions),
      CALL(SessionOptionsAppendExecutionProvider_CUDA_V2), CALL(ReleaseCUDAProviderOptions));
  walk_provider<OrtTensorRTProviderOptionsV2>(
      "tensorrt", CALL(CreateTensorRTProviderOptions), CALL(UpdateTensorRTProviderOptions),
      CALL(SessionOptionsAppendExecutionProvider_TensorRT_V2),
      CALL(ReleaseTensorRTProviderOptions));
}

using OrtAbi = InferTest;

TEST_F(OrtAbi, EveryEntryWorks) {
  walk_environment();
  walk_session_options();
  walk_thread_counts();
  walk_errors();
  const Opened o = open(model_path("two_outputs"));
  ASSERT_NE(o.session, nullptr);
  OrtAllocator* allocator = nullptr;
  OK(CALL(GetAllocatorWithDefaultOptions)(&allocator));
  walk_names_and_shapes(o.session, allocator);
  walk_metadata(o.session, allocator);
  walk_device_memory(o.session);
  walk_run(o.session);
  close(o);
  walk_providers();

  std::set<std::string> declared;
#define MIEN_ORT_NAME(slot, result, name, parameters) declared.insert(#name);
  MIEN_ORT_ENTRIES(MIEN_ORT_NAME)
#undef MIEN_ORT_NAME
  EXPECT_EQ(called(), declared);
}

}  // namespace
}  // namespace mien
