// Compares our declarations with the official header at compile time, if CMake finds one (Note [ORT
// ABI]).
#ifdef MIEN_CHECK_ORT_ABI
#include <onnxruntime_c_api.h>

#include <tuple>
#include <type_traits>

#include "infer/ort_abi.h"

namespace mien::ort {
namespace {

// The type as it is passed: enumerations become int, also behind a pointer.
template <typename T>
struct Passed {
  using type = std::conditional_t<std::is_enum_v<T>, int, T>;
};
template <typename T>
struct Passed<T*> {
  using type = typename Passed<T>::type*;
};

// The same for a whole function. `noexcept` is no part of the comparison.
template <typename F>
struct Signature;
template <typename R, typename... A>
struct Signature<R (*)(A...) noexcept> {
  using type = std::tuple<typename Passed<R>::type, typename Passed<A>::type...>;
};
template <typename R, typename... A>
struct Signature<R (*)(A...)> : Signature<R (*)(A...) noexcept> {};
template <typename R, typename... A>
struct Passed<R (*)(A...)> {
  using type = typename Signature<R (*)(A...)>::type*;
};

template <typename F>
using SignatureOf = typename Signature<F>::type;

// The header declares its functions "result must be used", which has no effect on template
// arguments.
#pragma GCC diagnostic ignored "-Wignored-attributes"

#define MIEN_ORT_CHECK(slot, result, name, parameters)                                        \
  static_assert(offsetof(OrtApi, name) == (slot) * sizeof(void (*)()), #name ": other slot"); \
  static_assert(                                                                              \
      std::is_same_v<SignatureOf<decltype(OrtApi::name)>, SignatureOf<decltype(Api::name)>>,  \
      #name ": other signature");
MIEN_ORT_ENTRIES(MIEN_ORT_CHECK)
#undef MIEN_ORT_CHECK

static_assert(offsetof(OrtApiBase, GetApi) == offsetof(ApiBase, get_api));
static_assert(offsetof(OrtApiBase, GetVersionString) == offsetof(ApiBase, get_version));
static_assert(ORT_API_VERSION >= kApiVersion, "the header is older than the version we ask for");
static_assert(kLogError == ORT_LOGGING_LEVEL_ERROR && kSequential == ORT_SEQUENTIAL);
static_assert(kOptimizeAll == ORT_ENABLE_ALL && kTypeTensor == ONNX_TYPE_TENSOR);
static_assert(kElementFloat32 == ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT);
static_assert(kArenaAllocator == OrtArenaAllocator && kMemoryDefault == OrtMemTypeDefault);
static_assert(kErrorNoSuchFile == ORT_NO_SUCHFILE);
static_assert(kErrorNoModel == ORT_NO_MODEL && kErrorInvalidGraph == ORT_INVALID_GRAPH);
static_assert(kErrorInvalidProtobuf == ORT_INVALID_PROTOBUF);

}  // namespace
}  // namespace mien::ort
#endif
