#include "runtime/process.h"

#include <pthread.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <new>

namespace mien {
namespace {

struct Gate {
  Gate();
  std::mutex mutex;
  std::condition_variable opened;  // `is_closed` became false
  std::condition_variable left;    // `inside` fell
  int inside = 0;
  bool is_closed = false;
};

// Never destroyed: threads may come to it while static objects are.
Gate& gate() {
  static Gate& the_gate = *new Gate;
  return the_gate;
}

std::atomic<std::uint64_t> generation{0};
thread_local int depth = 0;  // nested calls of this thread

// The mutex is held from before the fork to after it, in both processes.
void before_fork() {
  Gate& g = gate();
  std::unique_lock lock(g.mutex);
  g.is_closed = true;
  const int own = depth > 0 ? 1 : 0;  // a library that forks waits for all threads but its own
  g.left.wait(lock, [&] { return g.inside == own; });
  lock.release();
}

void after_fork_in_parent() {
  Gate& g = gate();
  g.is_closed = false;
  g.opened.notify_all();
  g.mutex.unlock();
}

// Those who waited at the gate don't exist here.
void after_fork_in_child() {
  Gate& g = gate();
  const int own = g.inside;
  new (&g.mutex) std::mutex;
  new (&g.opened) std::condition_variable;
  new (&g.left) std::condition_variable;
  g.inside = own;
  g.is_closed = false;
  generation.fetch_add(1, std::memory_order_release);
}

Gate::Gate() { pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child); }

// Made when the core is loaded, so that every fork is counted.
[[maybe_unused]] const Gate& made_at_start = gate();

}  // namespace

std::uint64_t process_generation() { return generation.load(std::memory_order_acquire); }

LibraryCall::LibraryCall() {
  if (depth++ > 0) return;
  Gate& g = gate();
  std::unique_lock lock(g.mutex);
  g.opened.wait(lock, [&] { return !g.is_closed; });
  ++g.inside;
}

LibraryCall::~LibraryCall() {
  if (--depth > 0) return;
  Gate& g = gate();
  const std::lock_guard lock(g.mutex);
  --g.inside;
  g.left.notify_all();
}

void end_library_calls() {
  constexpr std::chrono::seconds kLongest{10};
  Gate& g = gate();
  std::unique_lock lock(g.mutex);
  g.is_closed = true;
  g.left.wait_for(lock, kLongest, [&] { return g.inside == 0; });
}

}  // namespace mien
