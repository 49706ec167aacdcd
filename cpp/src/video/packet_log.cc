#include "video/packet_log.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace mien {
namespace {

constexpr std::size_t kRecent = 64;  // H.264 and HEVC reorder at most 16 frames

}  // namespace

void PacketLog::note(const PacketInfo& packet) {
  ++packets;
  if (packet.size > 0) ++filled_packets;
  last_position = packet.position;
  last_broken = packet.is_broken;
  if (packet.is_discarded) return;
  all_stamped = all_stamped && packet.pts.has_value();
  if (all_stamped) note_stamp(*packet.pts, packet.dts);
  ++shown;
}

void PacketLog::note_stamp(std::int64_t pts, std::optional<std::int64_t> dts) {
  if (shown == 0) {
    first_stamp = least_stamp = greatest_stamp = pts;
    delay = pts - dts.value_or(pts);
  }
  least_stamp = std::min(least_stamp, pts);
  greatest_stamp = std::max(greatest_stamp, pts);
  step = std::gcd(step, pts - first_stamp);
  reordered = reordered || !dts || pts - *dts != delay;
  recent.push_back(pts);
  if (recent.size() > kRecent) recent.pop_front();
}

}  // namespace mien
