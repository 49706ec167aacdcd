// Function multiversioning: one body, compiled for the baseline, AVX2 and AVX-512, chosen once per
// call through a table.
//
// Write the loop as an always-inline `name_body(...)`, then MIEN_MULTIVERSION(name, (parameters),
// (arguments)). The compiler vectorizes each copy for its instruction set. The project is compiled
// without FP contraction, so every copy gives the same bits, and tests check each against a scalar
// reference by lowering the choice with `limit_isa`.
#pragma once

namespace mien {

enum class Isa { kBaseline, kAvx2, kAvx512 };

// The best instruction set of this CPU, limited by the environment variable
// MIEN_ISA=baseline|avx2|avx512 or by limit_isa.
Isa active_isa();
// Limits the instruction set of the process to `isa` from now on (for tests and benchmarks).
// Returns the one that is active then.
Isa limit_isa(Isa isa);
const char* isa_name(Isa isa);

}  // namespace mien

#define MIEN_ALWAYS_INLINE static inline __attribute__((always_inline))

#if defined(__x86_64__)
#define MIEN_AVX2 __attribute__((target("avx2,bmi2,f16c")))
#define MIEN_AVX512 \
  __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,bmi2,prefer-vector-width=512")))
#define MIEN_MULTIVERSION(name, parameters, arguments)                 \
  namespace {                                                          \
  MIEN_AVX512 void name##_avx512 parameters { name##_body arguments; } \
  MIEN_AVX2 void name##_avx2 parameters { name##_body arguments; }     \
  void name##_baseline parameters { name##_body arguments; }           \
  }                                                                    \
  void name parameters {                                               \
    switch (::mien::active_isa()) {                                    \
      case ::mien::Isa::kAvx512:                                       \
        return name##_avx512 arguments;                                \
      case ::mien::Isa::kAvx2:                                         \
        return name##_avx2 arguments;                                  \
      case ::mien::Isa::kBaseline:                                     \
        return name##_baseline arguments;                              \
    }                                                                  \
  }
#else
#define MIEN_MULTIVERSION(name, parameters, arguments) \
  void name parameters { name##_body arguments; }
#endif
