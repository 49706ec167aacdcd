#include "pipeline/networks.h"

#include <algorithm>

#include "device/dispatch.h"
#include "infer/model_info.h"
#include "runtime/thread_pool.h"

namespace mien {
namespace {

// The execution provider that runs the networks.
std::string provider_of(const std::string& device) { return cuda_is_emulated() ? "cpu" : device; }

EngineOptions resolve(EngineOptions options) {
  options.validate();
  options.device = choose_provider(options.device);
  const bool on_cpu = options.device == "cpu";
  const int cores = ThreadPool::available_cores();
  // A GPU needs a few workers, so that copies of one overlap with kernels of another; more gain
  // nothing.
  if (options.threads == 0) options.threads = on_cpu ? cores : std::min(cores, 4);
  if (options.batch_size == 0) options.batch_size = on_cpu ? 8 : 32;
  return options;
}

}  // namespace

Networks::Networks(const Pack& pack, const EngineOptions& wanted)
    : options(resolve(wanted)),
      detector_session(pack.detector, {.provider = provider_of(options.device)}),
      behaviour_session(pack.behaviour, {.provider = provider_of(options.device)}),
      detector(read_detector_info(detector_session)),
      behaviour(read_behaviour_info(behaviour_session)),
      readout(behaviour),
      profile(options.profile ? std::make_unique<Profile>() : nullptr) {
  const bool chosen = options.detection_size != 0;
  if (!chosen) options.detection_size = detector.max_side;
  video_sides_ = {options.detection_size};
  image_sides_ = chosen ? video_sides_ : detector.image_sides;
  if (options.score_threshold < 0) options.score_threshold = detector.score_threshold;
}

bool Networks::on_device() const { return options.device != "cpu" && cuda_built(); }

const std::vector<int>& Networks::detection_sides(bool images) const {
  return images ? image_sides_ : video_sides_;
}

DecodeOptions Networks::decode_options() const {
  return {options.score_threshold, detector.nms_iou, options.max_faces};
}

DecodeOptions Networks::decode_options_in_crops() const {
  constexpr float kLeastScore = 0.3f;
  constexpr int kMostFaces = 8;
  return {kLeastScore, detector.nms_iou, kMostFaces};
}

}  // namespace mien
