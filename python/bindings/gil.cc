#include "gil.h"

#include <atomic>

namespace mien {
namespace {

struct Waiting {
  void* object;
  void (*free)(void*);
  Waiting* next;
};

// A list without a lock, so that a fork can't leave it locked.
std::atomic<Waiting*> first{nullptr};

}  // namespace

void release(void* object, void (*free)(void*)) {
  // Once the interpreter ends, Python no longer says rightly who has the GIL.
  if (Py_IsInitialized() != 0 && PyGILState_Check() != 0) {
    free(object);
    return;
  }
  auto* entry = new Waiting{object, free, first.load(std::memory_order_relaxed)};
  while (!first.compare_exchange_weak(entry->next, entry, std::memory_order_release,
                                      std::memory_order_relaxed)) {
  }
}

void release_now() {
  Waiting* entry = first.exchange(nullptr, std::memory_order_acquire);
  while (entry != nullptr) {
    Waiting* const next = entry->next;
    entry->free(entry->object);
    delete entry;
    entry = next;
  }
}

}  // namespace mien
