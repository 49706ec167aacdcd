// What an ONNX file of a pack says of itself, read from its metadata and checked against its
// tensors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "infer/session.h"
#include "mien/pack.h"

namespace mien {

// Both throw PackError naming the file, the key or tensor, what was wanted and what is there.
// Localization: one run on the smallest input shows that the network has as many outputs as its
// strides and sizes say (not with TensorRT, which would build engines for that shape).
LocalizationInfo read_localization_info(const Session& session);
BehaviourInfo read_behaviour_info(const Session& session);

// Of the behaviour network's input.
std::vector<std::int64_t> input_shape(const BehaviourInfo& info, std::size_t faces);

const char* activation_name(Activation activation);

}  // namespace mien
