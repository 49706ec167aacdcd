#include "runtime/thread_pool.h"

#if defined(__linux__)
#include <sched.h>
#endif

#include <algorithm>
#include <limits>
#include <string>

#include "runtime/thread_start.h"

namespace mien {

ThreadPool::ThreadPool(int threads) : tasks_(std::numeric_limits<std::size_t>::max()) {
  threads_.reserve(static_cast<std::size_t>(threads));
  try {
    for (int i = 0; i < threads; ++i) {
      const std::string what =
          "worker " + std::to_string(i + 1) + " of threads=" + std::to_string(threads);
      threads_.push_back(start_thread(what, [this, i] { work(i); }));
    }
  } catch (...) {
    end();
    throw;
  }
}

ThreadPool::~ThreadPool() { end(); }

void ThreadPool::end() {
  tasks_.close();
  for (std::thread& thread : threads_) thread.join();
}

void ThreadPool::work(int worker) {
  Task task;
  while (tasks_.pop(task)) {
    task(worker);
    task = nullptr;  // releases what it captured before the next wait
  }
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
