// The description of a pack's network, read from the metadata of its ONNX file and checked against
// its tensors.
//
// Note [Format 1]: format 1 of the packs calls the detector "localization": in pack.toml, in file
// names, and in the metadata keys and role of its ONNX file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "infer/session.h"
#include "mien/pack.h"

namespace mien {

// Both throw PackError naming the file, the key or tensor, what was wanted and what was found. For
// the detector, one run on the smallest input checks that the network has as many outputs as its
// strides and sizes require (except with TensorRT, which would build engines for that shape).
DetectorInfo read_detector_info(const Session& session);
BehaviourInfo read_behaviour_info(const Session& session);

// Shape of the behaviour network's input for a batch of faces.
std::vector<std::int64_t> input_shape(const BehaviourInfo& info, std::size_t faces);

const char* activation_name(Activation activation);

}  // namespace mien
