#include "mien/engine.h"

#include <mutex>
#include <utility>

#include "mien/error.h"
#include "pipeline/landmark_tracker.h"
#include "pipeline/networks.h"
#include "pipeline/stream.h"
#include "pipeline/worker.h"
#include "runtime/thread_pool.h"
#include "track/tracker.h"

namespace mien {
namespace {

void require_landmarks(const Networks& networks, Detect detect) {
  if (detect == Detect::kEvery || networks.readout.has_landmarks()) return;
  throw OptionError("detect: faces are tracked by their landmarks, and the pack's network " +
                    networks.behaviour.name + " gives none; wanted every");
}

}  // namespace

class Engine::Impl {
 public:
  Impl(const Pack& pack, const EngineOptions& options)
      : networks(pack, options),
        live_worker(networks),
        live_landmark_tracker(networks),
        pool(networks.options.threads) {
    for (int i = 0; i < pool.size(); ++i) workers.push_back(std::make_unique<Worker>(networks));
  }

  const Networks networks;
  std::mutex live_mutex;  // guards the three below
  Worker live_worker;
  LandmarkTracker live_landmark_tracker;
  Tracker live_tracker;
  std::vector<std::unique_ptr<Worker>> workers;  // one per thread of the pool
  ThreadPool pool;  // last: joined before what its tasks use is destroyed
};

Engine::Engine(const Pack& pack, const EngineOptions& options)
    : impl_(std::make_unique<Impl>(pack, options)) {}

Engine::~Engine() = default;

std::unique_ptr<Stream> Engine::open(std::unique_ptr<FrameSource> source,
                                     const StreamOptions& options) {
  require_landmarks(impl_->networks, options.detect);
  return std::make_unique<PipelineStream>(impl_->networks, impl_->pool, impl_->workers,
                                          std::move(source), options);
}

ResultBatch Engine::analyze_frame(const Frame& frame, Detect detect) {
  require_landmarks(impl_->networks, detect);
  const std::lock_guard lock(impl_->live_mutex);
  Worker& worker = impl_->live_worker;
  constexpr int kPositions[] = {0};
  LandmarkTracker::Output out;
  out.rows.columns = columns().size();
  worker.take({&frame, 1});
  if (detect == Detect::kTrack) {
    impl_->live_landmark_tracker.next(worker, kPositions, {&out, 1});
  } else {
    impl_->live_landmark_tracker = LandmarkTracker(impl_->networks);
    worker.analyze(kPositions, /*images=*/false, out.faces, out.rows);
  }
  impl_->live_tracker.update(frame.index, frame.time, out.faces, 0, out.faces.size());
  set_tracks(out.faces, out.rows);
  return std::move(out.rows);
}

void Engine::reset() {
  const std::lock_guard lock(impl_->live_mutex);
  impl_->live_tracker = Tracker();
  impl_->live_landmark_tracker = LandmarkTracker(impl_->networks);
}

const std::vector<std::string>& Engine::columns() const {
  return impl_->networks.readout.columns();
}
const std::string& Engine::provider() const { return impl_->networks.options.device; }
bool Engine::takes_device_frames() const { return impl_->networks.on_device(); }
const EngineOptions& Engine::options() const { return impl_->networks.options; }
const std::vector<int>& Engine::detection_sides(bool images) const {
  return impl_->networks.detection_sides(images);
}
const DetectorInfo& Engine::detector() const { return impl_->networks.detector; }
const BehaviourInfo& Engine::behaviour() const { return impl_->networks.behaviour; }

std::vector<StepProfile> Engine::profile() const {
  return impl_->networks.profile ? impl_->networks.profile->read() : std::vector<StepProfile>{};
}

}  // namespace mien
