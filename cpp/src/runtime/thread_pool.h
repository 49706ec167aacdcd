// runtime/: threads, queues, instruction sets and profiling. The pool owns all worker threads.
#pragma once

#include <functional>
#include <thread>
#include <vector>

#include "runtime/bounded_queue.h"

namespace mien {

// Runs tasks first in, first out. A task receives the number of its thread, by which it finds the
// thread's own state, and must not throw.
class ThreadPool {
 public:
  using Task = std::function<void(int worker)>;

  explicit ThreadPool(int threads);  // throws ResourceError if they can't all be had
  ~ThreadPool();                     // runs all submitted tasks first
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  void submit(Task task);
  int size() const { return static_cast<int>(threads_.size()); }

  // Cores this process may use (its affinity mask), at least 1.
  static int available_cores();

 private:
  void work(int worker);
  void end();

  BoundedQueue<Task> tasks_;
  std::vector<std::thread> threads_;
};

}  // namespace mien
