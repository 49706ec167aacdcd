#include "pipeline/networks.h"

#include "core/thread_pool.h"
#include "infer/model_info.h"

namespace mien {
namespace {

EngineOptions resolve(EngineOptions options) {
  options.validate();
  options.device = choose_provider(options.device);
  if (options.threads == 0) options.threads = ThreadPool::available_cores();
  return options;
}

}  // namespace

Networks::Networks(const Pack& pack, const EngineOptions& wanted)
    : options(resolve(wanted)),
      localization_session(pack.localization, {.provider = options.device}),
      behaviour_session(pack.behaviour, {.provider = options.device}),
      localization(read_localization_info(localization_session)),
      behaviour(read_behaviour_info(behaviour_session)),
      readout(behaviour),
      profile(options.profile ? std::make_unique<Profile>() : nullptr) {
  if (options.detection_size == 0) options.detection_size = localization.max_side;
  if (options.score_threshold < 0) options.score_threshold = localization.score_threshold;
}

}  // namespace mien
