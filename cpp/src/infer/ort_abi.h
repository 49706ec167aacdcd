// The part of ONNX Runtime's C interface that mien uses, in our own declarations.
//
// Note [ORT ABI]: the library exports one function that hands out a table of function pointers. The
// table only ever grows at its end, and an entry, once published, keeps its slot and its meaning.
// Wheels contain the library without its header, so the entries below name their slots; the rest of
// the table is not used. Enumerations are passed as int. ort_abi_check.cc compares slots and
// signatures with the official header where there is one, and ort_abi_test.cc calls every entry of
// a real library.
#pragma once

#include <cstddef>
#include <cstdint>

// The library's own names, so that signatures can be compared; all are opaque here.
struct OrtAllocator;
struct OrtCUDAProviderOptionsV2;
struct OrtEnv;
struct OrtMemoryInfo;
struct OrtModelMetadata;
struct OrtRunOptions;
struct OrtSession;
struct OrtSessionOptions;
struct OrtStatus;
struct OrtTensorRTProviderOptionsV2;
struct OrtTensorTypeAndShapeInfo;
struct OrtTypeInfo;
struct OrtValue;

namespace mien::ort {

// Slots below are all published by this version, which is the oldest library mien accepts (1.17).
inline constexpr std::uint32_t kApiVersion = 17;

// Values of the enumerations that are used.
inline constexpr int kLogError = 3;
inline constexpr int kSequential = 0;
inline constexpr int kOptimizeAll = 99;
inline constexpr int kTypeTensor = 1;
inline constexpr int kElementFloat32 = 1;
inline constexpr int kElementUint8 = 2;
inline constexpr int kDeviceAllocator = 0;
inline constexpr int kArenaAllocator = 1;
inline constexpr int kMemoryDefault = 0;
inline constexpr int kErrorNoSuchFile = 3;
inline constexpr int kErrorNoModel = 4;
inline constexpr int kErrorInvalidProtobuf = 7;
inline constexpr int kErrorInvalidGraph = 10;

// Called by the library for each log line: parameter, severity, category, log id, code location,
// message.
using LogFunction = void (*)(void*, int, const char*, const char*, const char*, const char*);

// What the exported function OrtGetApiBase returns.
struct ApiBase {
  const void* (*get_api)(std::uint32_t version) noexcept;  // null if the library is older than that
  const char* (*get_version)() noexcept;
};
using GetApiBase = const ApiBase* (*)() noexcept;

// X(slot, result, name, parameters). A Status* result is null on success and the caller's to
// release.
#define MIEN_ORT_ENTRIES(X)                                                                        \
  /* Errors */                                                                                     \
  X(1, int, GetErrorCode, (const OrtStatus* status))                                               \
  X(2, const char*, GetErrorMessage, (const OrtStatus* status))                                    \
  X(93, void, ReleaseStatus, (OrtStatus * status))                                                 \
  /* The process-wide environment */                                                               \
  X(4, OrtStatus*, CreateEnvWithCustomLogger,                                                      \
    (LogFunction log, void* parameter, int least_severity, const char* id, OrtEnv** out))          \
  X(6, OrtStatus*, DisableTelemetryEvents, (const OrtEnv* env))                                    \
  X(125, OrtStatus*, GetAvailableProviders, (char*** names, int* count))                           \
  X(126, OrtStatus*, ReleaseAvailableProviders, (char** names, int count))                         \
  /* Session options */                                                                            \
  X(10, OrtStatus*, CreateSessionOptions, (OrtSessionOptions * *out))                              \
  X(13, OrtStatus*, SetSessionExecutionMode, (OrtSessionOptions * options, int mode))              \
  X(18, OrtStatus*, EnableCpuMemArena, (OrtSessionOptions * options))                              \
  X(23, OrtStatus*, SetSessionGraphOptimizationLevel, (OrtSessionOptions * options, int level))    \
  X(24, OrtStatus*, SetIntraOpNumThreads, (OrtSessionOptions * options, int threads))              \
  X(25, OrtStatus*, SetInterOpNumThreads, (OrtSessionOptions * options, int threads))              \
  X(130, OrtStatus*, AddSessionConfigEntry,                                                        \
    (OrtSessionOptions * options, const char* key, const char* value))                             \
  X(100, void, ReleaseSessionOptions, (OrtSessionOptions * options))                               \
  /* Sessions */                                                                                   \
  X(7, OrtStatus*, CreateSession,                                                                  \
    (const OrtEnv* env, const char* path, const OrtSessionOptions* options, OrtSession** out))     \
  X(9, OrtStatus*, Run,                                                                            \
    (OrtSession * session, const OrtRunOptions* options, const char* const* input_names,           \
     const OrtValue* const* inputs, std::size_t input_count, const char* const* output_names,      \
     std::size_t output_count, OrtValue** outputs))                                                \
  X(30, OrtStatus*, SessionGetInputCount, (const OrtSession* session, std::size_t* out))           \
  X(31, OrtStatus*, SessionGetOutputCount, (const OrtSession* session, std::size_t* out))          \
  X(33, OrtStatus*, SessionGetInputTypeInfo,                                                       \
    (const OrtSession* session, std::size_t index, OrtTypeInfo** out))                             \
  X(34, OrtStatus*, SessionGetOutputTypeInfo,                                                      \
    (const OrtSession* session, std::size_t index, OrtTypeInfo** out))                             \
  X(36, OrtStatus*, SessionGetInputName,                                                           \
    (const OrtSession* session, std::size_t index, OrtAllocator* allocator, char** out))           \
  X(37, OrtStatus*, SessionGetOutputName,                                                          \
    (const OrtSession* session, std::size_t index, OrtAllocator* allocator, char** out))           \
  X(111, OrtStatus*, SessionGetModelMetadata, (const OrtSession* session, OrtModelMetadata** out)) \
  X(95, void, ReleaseSession, (OrtSession * session))                                              \
  /* Metadata of the model file */                                                                 \
  X(116, OrtStatus*, ModelMetadataLookupCustomMetadataMap,                                         \
    (const OrtModelMetadata* metadata, OrtAllocator* allocator, const char* key, char** out))      \
  X(123, OrtStatus*, ModelMetadataGetCustomMetadataMapKeys,                                        \
    (const OrtModelMetadata* metadata, OrtAllocator* allocator, char*** keys,                      \
     std::int64_t* count))                                                                         \
  X(118, void, ReleaseModelMetadata, (OrtModelMetadata * metadata))                                \
  /* Values and their types */                                                                     \
  X(69, OrtStatus*, CreateCpuMemoryInfo,                                                           \
    (int allocator_type, int memory_type, OrtMemoryInfo** out))                                    \
  X(68, OrtStatus*, CreateMemoryInfo,                                                              \
    (const char* name, int allocator_type, int device_id, int memory_type, OrtMemoryInfo** out))   \
  X(131, OrtStatus*, CreateAllocator,                                                              \
    (const OrtSession* session, const OrtMemoryInfo* info, OrtAllocator** out))                    \
  X(132, void, ReleaseAllocator, (OrtAllocator * allocator))                                       \
  X(94, void, ReleaseMemoryInfo, (OrtMemoryInfo * info))                                           \
  X(49, OrtStatus*, CreateTensorWithDataAsOrtValue,                                                \
    (const OrtMemoryInfo* info, void* data, std::size_t bytes, const std::int64_t* shape,          \
     std::size_t rank, int element_type, OrtValue** out))                                          \
  X(48, OrtStatus*, CreateTensorAsOrtValue,                                                        \
    (OrtAllocator * allocator, const std::int64_t* shape, std::size_t rank, int element_type,      \
     OrtValue** out))                                                                              \
  X(51, OrtStatus*, GetTensorMutableData, (OrtValue * value, void** out))                          \
  X(65, OrtStatus*, GetTensorTypeAndShape,                                                         \
    (const OrtValue* value, OrtTensorTypeAndShapeInfo** out))                                      \
  X(96, void, ReleaseValue, (OrtValue * value))                                                    \
  X(56, OrtStatus*, GetOnnxTypeFromTypeInfo, (const OrtTypeInfo* info, int* out))                  \
  X(55, OrtStatus*, CastTypeInfoToTensorInfo,                                                      \
    (const OrtTypeInfo* info, const OrtTensorTypeAndShapeInfo** out))                              \
  X(98, void, ReleaseTypeInfo, (OrtTypeInfo * info))                                               \
  X(60, OrtStatus*, GetTensorElementType, (const OrtTensorTypeAndShapeInfo* info, int* out))       \
  X(61, OrtStatus*, GetDimensionsCount, (const OrtTensorTypeAndShapeInfo* info, std::size_t* out)) \
  X(62, OrtStatus*, GetDimensions,                                                                 \
    (const OrtTensorTypeAndShapeInfo* info, std::int64_t* out, std::size_t count))                 \
  X(99, void, ReleaseTensorTypeAndShapeInfo, (OrtTensorTypeAndShapeInfo * info))                   \
  /* Memory the library hands out: names and metadata */                                           \
  X(78, OrtStatus*, GetAllocatorWithDefaultOptions, (OrtAllocator * *out))                         \
  X(76, OrtStatus*, AllocatorFree, (OrtAllocator * allocator, void* memory))                       \
  /* TensorRT */                                                                                   \
  X(171, OrtStatus*, CreateTensorRTProviderOptions, (OrtTensorRTProviderOptionsV2 * *out))         \
  X(172, OrtStatus*, UpdateTensorRTProviderOptions,                                                \
    (OrtTensorRTProviderOptionsV2 * provider, const char* const* keys, const char* const* values,  \
     std::size_t count))                                                                           \
  X(170, OrtStatus*, SessionOptionsAppendExecutionProvider_TensorRT_V2,                            \
    (OrtSessionOptions * options, const OrtTensorRTProviderOptionsV2* provider))                   \
  X(174, void, ReleaseTensorRTProviderOptions, (OrtTensorRTProviderOptionsV2 * provider))          \
  /* CUDA */                                                                                       \
  X(205, OrtStatus*, CreateCUDAProviderOptions, (OrtCUDAProviderOptionsV2 * *out))                 \
  X(206, OrtStatus*, UpdateCUDAProviderOptions,                                                    \
    (OrtCUDAProviderOptionsV2 * provider, const char* const* keys, const char* const* values,      \
     std::size_t count))                                                                           \
  X(204, OrtStatus*, SessionOptionsAppendExecutionProvider_CUDA_V2,                                \
    (OrtSessionOptions * options, const OrtCUDAProviderOptionsV2* provider))                       \
  X(208, void, ReleaseCUDAProviderOptions, (OrtCUDAProviderOptionsV2 * provider))

// The entries as members, read from a table the library handed out.
struct Api {
#define MIEN_ORT_MEMBER(slot, result, name, parameters) result(*name) parameters noexcept = nullptr;
  MIEN_ORT_ENTRIES(MIEN_ORT_MEMBER)
#undef MIEN_ORT_MEMBER

  Api() = default;
  explicit Api(const void* table) {
    const auto* entries = static_cast<void (*const*)()>(table);
#define MIEN_ORT_READ(slot, result, name, parameters) \
  name = reinterpret_cast<decltype(name)>(entries[slot]);
    MIEN_ORT_ENTRIES(MIEN_ORT_READ)
#undef MIEN_ORT_READ
  }
};

}  // namespace mien::ort
