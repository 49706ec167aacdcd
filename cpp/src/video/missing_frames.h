// Frames that a container promised and the file no longer holds. Free of FFmpeg: both decoders, the
// core's and PyAV, ask here.
#pragma once

#include <cstdint>
#include <vector>

#include "video/container_info.h"
#include "video/packet_log.h"

namespace mien {

struct MissingFrames {
  std::vector<std::int64_t> stamps;  // in units of the stream's time base, where they are certain
  std::int64_t unplaced = 0;         // how many more there are, whose time is unknown

  bool none() const { return stamps.empty() && unplaced == 0; }
};

// Once the last packet has been noted. `read_failed`: reading stopped on an error before the end.
MissingFrames find_missing_frames(const PacketLog& log, const ContainerInfo& container,
                                  bool read_failed);

}  // namespace mien
