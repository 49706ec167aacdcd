// Shared by session.cc and binding.cc. Private to infer/.
#pragma once

#include "infer/ort_handles.h"
#include "infer/session.h"

namespace mien {

class Session::Impl {
 public:
  std::string path;
  std::string provider;
  int device_id = 0;
  std::vector<TensorSpec> inputs;
  std::vector<TensorSpec> outputs;
  Metadata metadata;
  ort::SessionHandle handle;
};

// Shape of a tensor; -1 for free dimensions.
std::vector<std::int64_t> read_shape(const OrtTensorTypeAndShapeInfo* info);

// "(1, 3, 112, 112)", with "?" for free dimensions.
std::string shape_text(const std::vector<std::int64_t>& shape);

}  // namespace mien
