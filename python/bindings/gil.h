// The GIL, as threads give it up and take it while an interpreter may end.
//
// Note [End of the interpreter]: once it ends, a thread that wants the GIL is ended where it stands
// (before Python 3.14, by pthread_exit: an unwinding that ends the process at the first function
// that may not throw). So threads of the core never take the GIL, and what they have to give back
// to Python waits in a list (`release`); and a thread of Python's that comes back from the
// core then sleeps until the process is gone.
#pragma once

#include <pybind11/pybind11.h>
#include <unistd.h>
#if defined(__GLIBCXX__)
#include <cxxabi.h>
#endif

namespace mien {

// Gives up the GIL for its lifetime.
class ReleasedGil {
 public:
  ReleasedGil() : state_(PyEval_SaveThread()) {}
  ~ReleasedGil() {
#if defined(__GLIBCXX__)
    try {
      PyEval_RestoreThread(state_);
    } catch (abi::__forced_unwind&) {
      while (true) pause();
    }
#else
    PyEval_RestoreThread(state_);
#endif
  }
  ReleasedGil(const ReleasedGil&) = delete;
  ReleasedGil& operator=(const ReleasedGil&) = delete;

 private:
  PyThreadState* const state_;
};

// From any thread: calls `free(object)` at once if the thread has the GIL, else in the next
// release_now(). Waits for nothing.
void release(void* object, void (*free)(void*));

// With the GIL: calls what is waiting.
void release_now();

}  // namespace mien
