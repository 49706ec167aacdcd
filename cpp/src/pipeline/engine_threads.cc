#include "pipeline/engine_threads.h"

#include "device/dispatch.h"
#include "mien/error.h"
#include "runtime/process.h"

namespace mien {

EngineThreads::EngineThreads(const Networks& networks)
    : live_worker(networks), live_landmark_tracker(networks), pool(networks.options.threads) {
  for (int i = 0; i < pool.size(); ++i) workers.push_back(std::make_unique<Worker>(networks));
}

ProcessThreads::ProcessThreads(const Networks& networks)
    : networks_(networks),
      made_in_(process_generation()),
      threads_(std::make_unique<EngineThreads>(networks)) {}

bool ProcessThreads::are_here() const {
  return made_in_.load(std::memory_order_acquire) == process_generation();
}

EngineThreads& ProcessThreads::get() {
  if (are_here()) return *threads_;
  if (networks_.options.device != "cpu" && !cuda_is_emulated()) {
    throw ProviderError(
        "engine: wanted the process that made it, got a child that was forked "
        "later, where what was on the GPU is lost; make the engine in the child, "
        "and start it by spawn (multiprocessing.set_start_method)");
  }
  const LibraryCall call;
  const std::lock_guard lock(mutex_);
  if (are_here()) return *threads_;
  auto threads = std::make_unique<EngineThreads>(networks_);
  static_cast<void>(threads_.release());  // the parent's
  threads_ = std::move(threads);
  made_in_.store(process_generation(), std::memory_order_release);
  return *threads_;
}

}  // namespace mien
