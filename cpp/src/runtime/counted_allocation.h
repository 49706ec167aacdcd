// Helpers for replacements of operator new that count allocations. The operators themselves are
// defined once in each program that wants them (the Python extension, the tests).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace mien {

inline thread_local std::int64_t counted_allocations = 0;  // of this thread

// To be released by std::free. Throws std::bad_alloc.
inline void* allocate_counted(std::size_t size, std::size_t alignment) {
  ++counted_allocations;
  // aligned_alloc needs a multiple of the alignment, and operator new never returns null.
  const std::size_t rounded = (size + alignment - 1) / alignment * alignment;
  void* p = alignment <= alignof(std::max_align_t)
                ? std::malloc(size == 0 ? 1 : size)
                : std::aligned_alloc(alignment, rounded == 0 ? alignment : rounded);
  if (p == nullptr) throw std::bad_alloc();
  return p;
}

}  // namespace mien
