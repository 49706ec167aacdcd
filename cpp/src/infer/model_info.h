// What an ONNX file of a pack says of itself, read from its metadata and checked against its tensors.
#pragma once

#include "infer/session.h"
#include "mien/pack.h"

namespace mien {

// Both throw PackError naming the file, the key, what was wanted and what is there.
LocalizationInfo read_localization_info(const Session& session);
BehaviourInfo read_behaviour_info(const Session& session);

}  // namespace mien
