// What of an engine belongs to a process: its pool, and what each thread keeps.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "pipeline/landmark_tracker.h"
#include "pipeline/networks.h"
#include "pipeline/worker.h"
#include "runtime/thread_pool.h"
#include "track/tracker.h"

namespace mien {

struct EngineThreads {
  explicit EngineThreads(const Networks& networks);

  std::mutex live_mutex;  // guards the three below
  Worker live_worker;
  LandmarkTracker live_landmark_tracker;
  Tracker live_tracker;
  std::vector<std::unique_ptr<Worker>> workers;  // one per thread of the pool
  ThreadPool pool;  // last: joined before what its tasks use is destroyed
};

// The threads of this process. In a child they are made anew, see Note [Fork]; never to be
// destroyed while they are not here.
class ProcessThreads {
 public:
  explicit ProcessThreads(const Networks& networks);

  // Throws ProviderError in a child of a process whose engine runs on a GPU, ResourceError if the
  // system makes no further thread.
  EngineThreads& get();
  // Whether get() has nothing to make anew.
  bool are_here() const;

 private:
  const Networks& networks_;
  std::mutex mutex_;  // held within a LibraryCall only, so never while the process forks
  std::atomic<std::uint64_t> made_in_;
  std::unique_ptr<EngineThreads> threads_;
};

}  // namespace mien
