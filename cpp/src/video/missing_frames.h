// Frames that a container promised and the file no longer holds. Free of FFmpeg: both decoders, the
// core's and PyAV, ask here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "video/container_info.h"
#include "video/packet_log.h"

namespace mien {

struct MissingFrames {
  std::vector<std::int64_t> stamps;  // in units of the stream's time base, where they are certain
  std::int64_t unplaced = 0;         // how many more there are, whose time is unknown
  std::int64_t doubtful = 0;         // how many more the container promises than can be true

  bool none() const { return stamps.empty() && unplaced == 0; }
};

// Note [Promises]: a header of a few bytes can promise any number of frames. How many are missing
// is believed up to ten times what was read and a thousand more; beyond, a single lost frame stands
// for all, and a note says how many were promised.
constexpr std::int64_t most_missing(const PacketLog& log) { return 1000 + 10 * log.packets; }

// Entries of an index that are enough to tell a promise that is believed from one that isn't.
constexpr std::size_t index_entries_needed(const PacketLog& log) {
  return static_cast<std::size_t>(log.packets + most_missing(log) + 1);
}

// Once the last packet has been noted. `read_failed`: reading stopped on an error before the end.
MissingFrames find_missing_frames(const PacketLog& log, const ContainerInfo& container,
                                  bool read_failed);

}  // namespace mien
