#include "runtime/simd.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <string_view>

#include "mien/error.h"

namespace mien {
namespace {

Isa detect() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq")) {
    return Isa::kAvx512;
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2")) return Isa::kAvx2;
#endif
  return Isa::kBaseline;
}

Isa limit_from_environment() {
  const char* value = std::getenv("MIEN_ISA");
  if (value == nullptr || std::string_view(value).empty()) return Isa::kAvx512;
  for (Isa isa : {Isa::kBaseline, Isa::kAvx2, Isa::kAvx512}) {
    if (std::string_view(value) == isa_name(isa)) return isa;
  }
  throw OptionError("MIEN_ISA: wanted baseline, avx2 or avx512, got '" + std::string(value) + "'");
}

std::atomic<Isa>& current() {
  static std::atomic<Isa> isa{std::min(detect(), limit_from_environment())};
  return isa;
}

}  // namespace

Isa active_isa() { return current().load(std::memory_order_relaxed); }

Isa limit_isa(Isa isa) {
  const Isa chosen = std::min(detect(), isa);
  current().store(chosen, std::memory_order_relaxed);
  return chosen;
}

const char* isa_name(Isa isa) {
  switch (isa) {
    case Isa::kBaseline:
      return "baseline";
    case Isa::kAvx2:
      return "avx2";
    case Isa::kAvx512:
      return "avx512";
  }
  return "?";
}

}  // namespace mien
