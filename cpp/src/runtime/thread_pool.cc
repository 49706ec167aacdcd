#include "runtime/thread_pool.h"

#if defined(__linux__)
#include <sched.h>
#endif

#include <algorithm>
#include <limits>

namespace mien {

ThreadPool::ThreadPool(int threads) : tasks_(std::numeric_limits<std::size_t>::max()) {
  threads_.reserve(static_cast<std::size_t>(threads));
  for (int i = 0; i < threads; ++i) {
    threads_.emplace_back([this, i] {
      Task task;
      while (tasks_.pop(task)) {
        task(i);
        task = nullptr;  // releases what it captured before the next wait
      }
    });
  }
}

ThreadPool::~ThreadPool() {
  tasks_.close();
  for (std::thread& thread : threads_) thread.join();
}

void ThreadPool::submit(Task task) { tasks_.push(std::move(task)); }

int ThreadPool::available_cores() {
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set) == 0) return std::max(1, CPU_COUNT(&set));
#endif
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

}  // namespace mien
