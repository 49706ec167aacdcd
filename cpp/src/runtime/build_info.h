// Facts about the build and this CPU, for `mien info`.
#pragma once

#include <string>
#include <vector>

namespace mien {

std::string compiler();  // e.g. "GCC 12.2.0"
std::vector<std::string>
cpu_features();  // instruction sets that matter here, e.g. "avx2", "avx512_vnni"

// Whether the CPU sums 8-bit products without saturation (AVX-VNNI or AVX512-VNNI).
bool has_vnni();

}  // namespace mien
