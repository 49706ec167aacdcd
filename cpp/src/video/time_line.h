// One time line that rises, whatever a container's clock does. Free of FFmpeg: the core's decoder
// and PyAV's both put their packets on it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "video/container_info.h"
#include "video/packet_log.h"

namespace mien {

// Note [Joined streams]: where recordings were put one behind the other as they were, or a
// transmitter started again, decoding times go back (or, in a transport stream, ten seconds or more
// ahead). What follows is moved to where the stream before it ends, as FFmpeg's command does it.
// Stamps that can't be meant, beyond any recording or far from the packet's own decoding time, are
// removed: such a frame has no time.
class TimeLine {
 public:
  TimeLine(TimeBase time_base, bool may_jump) : time_base_(time_base), may_jump_(may_jump) {}

  // Moves the stamps of the next packet, in the order of the file, onto the line.
  void place(PacketInfo& packet);

  std::int64_t joins() const { return joins_; }
  std::int64_t damaged() const { return damaged_; }  // packets whose stamps were removed
  // A sentence for each of the first joins, then one that counts the others.
  std::vector<std::string> notes() const;

 private:
  bool is_plausible(const PacketInfo& packet) const;
  bool is_join(const PacketInfo& packet) const;
  void join(PacketInfo& packet);

  TimeBase time_base_;
  bool may_jump_;
  std::int64_t offset_ = 0;               // added to stamps
  std::optional<std::int64_t> last_dts_;  // on the line, like all below
  std::optional<std::int64_t> last_end_;  // where the frames so far end
  std::int64_t last_step_ = 1;            // of the latest packet's frame
  std::int64_t joins_ = 0;
  std::int64_t damaged_ = 0;
  std::vector<std::string> notes_;
};

}  // namespace mien
