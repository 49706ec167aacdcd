#include "alloc_counter.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)

bool mien::can_count_allocations() { return false; }
std::int64_t mien::allocations() { return 0; }

#else

#include <cstddef>
#include <cstdlib>
#include <new>

#include "runtime/counted_allocation.h"

bool mien::can_count_allocations() { return true; }
std::int64_t mien::allocations() { return counted_allocations; }

// The array and nothrow forms of the standard library call these.
void* operator new(std::size_t size) {
  return mien::allocate_counted(size, alignof(std::max_align_t));
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return mien::allocate_counted(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }

#endif
