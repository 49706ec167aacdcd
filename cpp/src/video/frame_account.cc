#include "video/frame_account.h"

#include <cstddef>
#include <limits>

#include "video/missing_frames.h"

namespace mien {

FrameAccount::FrameAccount(TimeBase time_base, bool counts_frames)
    : time_base_(time_base), counts_frames_(counts_frames) {}

bool FrameAccount::read(const PacketInfo& packet) {
  log_.note(packet);
  // An empty packet repeats the frame before it (AVI); decoders would take it for the end.
  if (packet.size == 0) return false;
  // Discarded packets (before the start of an edit list) are decoded as references and give no
  // frame.
  if (packet.is_discarded) return true;
  // Without a pts the frame of a broken packet could not be identified, so it is not decoded.
  if (packet.is_broken && !packet.pts) {
    ++unplaced_;
    return false;
  }
  if (packet.stamp()) ledger_.sent(*packet.stamp(), packet.is_broken);
  return true;
}

FrameAccount::Shown FrameAccount::shown(std::optional<std::int64_t> stamp) {
  Shown result;
  if (stamp) {
    std::vector<std::int64_t> lost;
    result.is_whole = ledger_.shown(*stamp, lost);
    result.lost = times_of(lost);
  }
  result.time = time_of(stamp);
  return result;
}

void FrameAccount::end(const ContainerInfo& container, bool read_failed) {
  const MissingFrames missing = find_missing_frames(log_, container, read_failed);
  for (const std::int64_t stamp : missing.stamps) ledger_.sent(stamp, true);
  unplaced_ += missing.unplaced;
}

std::vector<double> FrameAccount::finish() {
  std::vector<std::int64_t> lost;
  ledger_.finish(lost);
  std::vector<double> times = times_of(lost);
  times.insert(times.end(), static_cast<std::size_t>(unplaced_),
               std::numeric_limits<double>::quiet_NaN());
  return times;
}

// Note [Times without pts]: AVI counts frames and stores no presentation times. Where frames are
// reordered, FFmpeg gives each frame the dts of the packet whose decoding returned it, and no stamp
// to frames returned at the end of the stream: these continue in steps of AVI's frame unit.
double FrameAccount::time_of(std::optional<std::int64_t> stamp) {
  if (!stamp && counts_frames_ && last_stamp_) stamp = *last_stamp_ + 1;
  last_stamp_ = stamp;
  return stamp ? time_base_.seconds(*stamp) : std::numeric_limits<double>::quiet_NaN();
}

std::vector<double> FrameAccount::times_of(const std::vector<std::int64_t>& stamps) {
  std::vector<double> times;
  for (const std::int64_t stamp : stamps) times.push_back(time_of(stamp));
  return times;
}

}  // namespace mien
