// Counts what this extension allocates, for profiles. These operators serve the extension alone: it
// exports nothing but its module (CMakeLists.txt), and what they give is malloc's, so that any
// other operator delete may free it. ONNX Runtime's and FFmpeg's own allocations don't pass here.
#include <cstddef>
#include <cstdlib>
#include <new>

#include "bindings.h"
#include "mien/engine.h"
#include "runtime/counted_allocation.h"

void* operator new(std::size_t size) {
  return mien::allocate_counted(size, alignof(std::max_align_t));
}
void* operator new[](std::size_t size) {
  return mien::allocate_counted(size, alignof(std::max_align_t));
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return mien::allocate_counted(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return mien::allocate_counted(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete[](void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete[](void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }

namespace mien {

void count_own_allocations() {
  count_allocations_with([] { return counted_allocations; });
}

}  // namespace mien
