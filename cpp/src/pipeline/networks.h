// What all workers share, immutable except for the profile's counters: the two networks, their
// metadata, the readout and the options.
#pragma once

#include <memory>
#include <vector>

#include "detect/priors.h"
#include "infer/session.h"
#include "mien/options.h"
#include "mien/pack.h"
#include "readout/readout.h"
#include "runtime/profile.h"

namespace mien {

struct Networks {
  // Throws OptionError, PackError or ProviderError. `this->options` are `options` with every
  // default resolved.
  Networks(const Pack& pack, const EngineOptions& options);

  // Whether the steps around the networks run on the device too. In a build without the CUDA parts,
  // only the networks do.
  bool on_device() const;
  DecodeOptions decode_options() const;
  // Longer sides of the letterboxes in which faces are looked for, network pixels, rising.
  const std::vector<int>& detection_sides(bool images) const;
  // For crops around a face that was found: any score, of any faces.
  DecodeOptions decode_options_in_crops() const;

  EngineOptions options;
  Session detector_session;
  Session behaviour_session;
  DetectorInfo detector;
  BehaviourInfo behaviour;
  Readout readout;
  const std::unique_ptr<Profile> profile;  // null unless enabled

 private:
  std::vector<int> image_sides_;
  std::vector<int> video_sides_;
};

}  // namespace mien
