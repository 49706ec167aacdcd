// What all workers share and nobody changes: the two networks, what their files say of themselves,
// the readout, the options.
#pragma once

#include <memory>

#include "infer/session.h"
#include "mien/options.h"
#include "mien/pack.h"
#include "readout/readout.h"

namespace mien {

struct Networks {
  // Throws OptionError, PackError or ProviderError. `options` come back in `this->options` with
  // every default resolved.
  Networks(const Pack& pack, const EngineOptions& options);

  EngineOptions options;
  Session localization_session;
  Session behaviour_session;
  LocalizationInfo localization;
  BehaviourInfo behaviour;
  Readout readout;
};

}  // namespace mien
