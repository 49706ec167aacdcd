// Counts what this program allocates with operator new, on the calling thread.
#pragma once

#include <cstdint>

namespace mien {

// False under sanitizers, which need operator new for themselves.
bool can_count_allocations();

// Calls of any form of operator new on this thread so far. The replaced operators serve every
// library of the process too, ONNX Runtime among them.
std::int64_t allocations();

}  // namespace mien
