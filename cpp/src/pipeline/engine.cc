#include "mien/engine.h"

#include <mutex>
#include <utility>

#include "core/thread_pool.h"
#include "pipeline/networks.h"
#include "pipeline/stream.h"
#include "pipeline/worker.h"
#include "track/tracker.h"

namespace mien {

class Engine::Impl {
 public:
  Impl(const Pack& pack, const EngineOptions& options)
      : networks(pack, options), live_worker(networks), pool(networks.options.threads) {
    for (int i = 0; i < pool.size(); ++i) workers.push_back(std::make_unique<Worker>(networks));
  }

  const Networks networks;
  std::mutex live_mutex;  // guards the three below
  Worker live_worker;
  Tracker live_tracker;
  FaceBatch live_faces;
  std::vector<std::unique_ptr<Worker>> workers;  // one per thread of the pool
  ThreadPool pool;                               // last: joined before what its tasks use goes
};

Engine::Engine(const Pack& pack, const EngineOptions& options)
    : impl_(std::make_unique<Impl>(pack, options)) {}

Engine::~Engine() = default;

std::unique_ptr<Stream> Engine::open(std::unique_ptr<FrameSource> source) {
  return std::make_unique<PipelineStream>(impl_->networks, impl_->pool, impl_->workers,
                                          std::move(source));
}

ResultBatch Engine::analyze_frame(const Frame& frame) {
  const std::lock_guard lock(impl_->live_mutex);
  const FrameBatch batch{frame};
  FaceBatch& faces = impl_->live_faces;
  impl_->live_worker.localize(batch, faces);
  impl_->live_tracker.update(frame.index, frame.time, faces, 0, faces.size());
  ResultBatch results;
  results.columns = columns().size();
  impl_->live_worker.describe(batch, faces, results);
  return results;
}

void Engine::reset() {
  const std::lock_guard lock(impl_->live_mutex);
  impl_->live_tracker = Tracker();
}

const std::vector<std::string>& Engine::columns() const {
  return impl_->networks.readout.columns();
}
const std::string& Engine::provider() const { return impl_->networks.options.device; }
const EngineOptions& Engine::options() const { return impl_->networks.options; }
const LocalizationInfo& Engine::localization() const { return impl_->networks.localization; }
const BehaviourInfo& Engine::behaviour() const { return impl_->networks.behaviour; }

}  // namespace mien
