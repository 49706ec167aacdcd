// Options of a session. Private to infer/.
#pragma once

#include "infer/ort_handles.h"
#include "infer/session.h"

namespace mien {

// Throws ProviderError if the provider is not available.
ort::SessionOptionsHandle make_session_options(const SessionOptions& options);

// Folder for TensorRT's engines, which take minutes to build: $XDG_CACHE_HOME/mien/tensorrt, else
// ~/.cache/mien/tensorrt. Throws ProviderError if neither variable is set.
std::string tensorrt_cache_folder();

}  // namespace mien
