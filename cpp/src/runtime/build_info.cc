#include "runtime/build_info.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace mien {
#if defined(__x86_64__)
namespace {

// Leaf 7.1, EAX bit 4; compilers learned its name late.
bool has_avx_vnni() {
  unsigned eax = 0;
  unsigned ebx = 0;
  unsigned ecx = 0;
  unsigned edx = 0;
  if (__get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) == 0) return false;
  return __builtin_cpu_supports("avx2") && (eax >> 4 & 1) != 0;
}

}  // namespace
#endif

std::string compiler() {
#if defined(__clang__)
  return "Clang " __clang_version__;
#elif defined(__GNUC__)
  return "GCC " __VERSION__;
#else
  return "unknown";
#endif
}

std::vector<std::string> cpu_features() {
  std::vector<std::string> found;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx")) found.emplace_back("avx");
  if (__builtin_cpu_supports("avx2")) found.emplace_back("avx2");
  if (__builtin_cpu_supports("fma")) found.emplace_back("fma");
  if (__builtin_cpu_supports("avx512f")) found.emplace_back("avx512f");
  if (__builtin_cpu_supports("avx512bw")) found.emplace_back("avx512bw");
  if (has_vnni()) found.emplace_back("vnni");
#elif defined(__aarch64__)
  found.emplace_back("neon");
#endif
  return found;
}

bool has_vnni() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx512vnni") || has_avx_vnni();
#else
  return false;
#endif
}

}  // namespace mien
