// What all workers share and nobody changes: the two networks, what their files say of themselves,
// the readout, the options. Only the profile's counters move.
#pragma once

#include <memory>

#include "detect/priors.h"
#include "infer/session.h"
#include "mien/options.h"
#include "mien/pack.h"
#include "readout/readout.h"
#include "runtime/profile.h"

namespace mien {

struct Networks {
  // Throws OptionError, PackError or ProviderError. `options` come back in `this->options` with
  // every default resolved.
  Networks(const Pack& pack, const EngineOptions& options);

  // Whether the steps around the networks run on the device too. Without the CUDA parts the
  // networks alone do.
  bool on_device() const;
  DecodeOptions decode_options() const;

  EngineOptions options;
  Session localization_session;
  Session behaviour_session;
  LocalizationInfo localization;
  BehaviourInfo behaviour;
  Readout readout;
  const std::unique_ptr<Profile> profile;  // null unless asked for
};

}  // namespace mien
