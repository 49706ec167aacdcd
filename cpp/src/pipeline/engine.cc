#include "mien/engine.h"

#include <mutex>
#include <utility>

#include "mien/error.h"
#include "pipeline/engine_threads.h"
#include "pipeline/networks.h"
#include "pipeline/process_stream.h"
#include "pipeline/stream.h"

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
      : networks(pack, options), threads(networks) {}

  const Networks networks;
  ProcessThreads threads;
};

Engine::Engine(const Pack& pack, const EngineOptions& options)
    : impl_(std::make_unique<Impl>(pack, options)) {}

// Networks of a parent stay where they are: a thread of its own may have held their locks.
Engine::~Engine() {
  if (!impl_->threads.are_here()) static_cast<void>(impl_.release());
}

std::unique_ptr<Stream> Engine::open(std::unique_ptr<FrameSource> source,
                                     const StreamOptions& options) {
  require_landmarks(impl_->networks, options.detect);
  EngineThreads& threads = impl_->threads.get();
  return std::make_unique<ProcessStream>(std::make_unique<PipelineStream>(
      impl_->networks, threads.pool, threads.workers, std::move(source), options));
}

ResultBatch Engine::analyze_frame(const Frame& frame, Detect detect) {
  require_landmarks(impl_->networks, detect);
  EngineThreads& threads = impl_->threads.get();
  const std::lock_guard lock(threads.live_mutex);
  Worker& worker = threads.live_worker;
  constexpr int kPositions[] = {0};
  LandmarkTracker::Output out;
  out.rows.columns = columns().size();
  worker.take({&frame, 1});
  if (detect == Detect::kTrack) {
    threads.live_landmark_tracker.next(worker, kPositions, {&out, 1});
  } else {
    threads.live_landmark_tracker = LandmarkTracker(impl_->networks);
    worker.analyze(kPositions, /*images=*/false, out.faces, out.rows);
  }
  threads.live_tracker.update(frame.index, frame.time, out.faces, 0, out.faces.size());
  set_tracks(out.faces, out.rows);
  return std::move(out.rows);
}

void Engine::reset() {
  EngineThreads& threads = impl_->threads.get();
  const std::lock_guard lock(threads.live_mutex);
  threads.live_tracker = Tracker();
  threads.live_landmark_tracker = LandmarkTracker(impl_->networks);
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
