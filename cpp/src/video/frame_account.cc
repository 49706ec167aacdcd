#include "video/frame_account.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "video/missing_frames.h"

namespace mien {

FrameAccount::FrameAccount(TimeBase time_base, const std::string& format, double fps)
    : time_base_(time_base),
      clock_(clock_of(format)),
      fps_(fps),
      line_(time_base, clock_.may_jump) {}

bool FrameAccount::read(PacketInfo& packet) {
  line_.place(packet);
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
  doubtful_ = missing.doubtful;
}

std::size_t FrameAccount::index_entries() const { return index_entries_needed(log_); }

std::vector<double> FrameAccount::finish() {
  std::vector<std::int64_t> lost;
  ledger_.finish(lost);
  std::vector<double> times = times_of(lost);
  for (std::int64_t i = 0; i < unplaced_; ++i) {
    times.push_back(clock_.exists ? std::numeric_limits<double>::quiet_NaN() : time_of({}));
  }
  return times;
}

double FrameAccount::rising(double time) {
  if (time < latest_) {
    ++late_;
    return std::numeric_limits<double>::quiet_NaN();
  }
  if (!std::isnan(time)) latest_ = time;
  return time;
}

std::vector<std::string> FrameAccount::notes() const {
  std::vector<std::string> notes = line_.notes();
  const auto count = [&](std::int64_t frames, const char* what) {
    if (frames > 0) notes.push_back(std::to_string(frames) + what);
  };
  if (!clock_.exists && std::isnan(fps_)) {
    notes.emplace_back("no times: a raw stream has no clock; fps= gives it one");
  }
  count(line_.damaged(),
        " packets with time stamps that can't be meant: their frames have no time");
  count(late_, " frames without a time: there the container's time goes back");
  count(doubtful_,
        " frames more than it holds are promised by the container, which can't be true: one lost "
        "frame stands for them");
  return notes;
}

std::int64_t FrameAccount::changes() const {
  const std::int64_t no_times = !clock_.exists && std::isnan(fps_) ? 1 : 0;
  return no_times + line_.joins() + line_.damaged() + late_ + std::min<std::int64_t>(doubtful_, 1);
}

// Note [Times without pts]: AVI counts frames and stores no presentation times. Where frames are
// reordered, FFmpeg gives each frame the dts of the packet whose decoding returned it, and no stamp
// to frames returned at the end of the stream: these continue in steps of AVI's frame unit.
double FrameAccount::time_of(std::optional<std::int64_t> stamp) {
  if (!clock_.exists) return static_cast<double>(counted_++) / fps_;
  if (!stamp && clock_.counts_frames && last_stamp_) stamp = *last_stamp_ + 1;
  last_stamp_ = stamp;
  return stamp ? time_base_.seconds(*stamp) : std::numeric_limits<double>::quiet_NaN();
}

std::vector<double> FrameAccount::times_of(const std::vector<std::int64_t>& stamps) {
  std::vector<double> times;
  for (const std::int64_t stamp : stamps) times.push_back(time_of(stamp));
  return times;
}

}  // namespace mien
