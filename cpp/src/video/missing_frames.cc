#include "video/missing_frames.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <set>

namespace mien {
namespace {

using Stamps = std::vector<std::int64_t>;

constexpr std::int64_t kLargestStep = std::int64_t{1} << 30;
constexpr double kLargestCount = 1e15;

// See Note [Promises].
MissingFrames doubtful(std::int64_t gone) { return {{}, 1, gone}; }

bool is_constant(const Stamps& stamps, std::int64_t step) {
  for (std::size_t i = 1; i < stamps.size(); ++i) {
    if (stamps[i] - stamps[i - 1] != step) return false;
  }
  return true;
}

// Presentation times of the last `missing` of the samples whose coding times are given; fewer, or
// none, where they are not certain. The times are the same but for a constant where nothing is
// reordered; and where the frame interval is constant, presentation times are the same grid, of
// which the packets read so far took some places.
Stamps place(const PacketLog& log, const Stamps& coding, std::size_t missing) {
  Stamps stamps;
  if (log.shown == 0 || !log.all_stamped) return stamps;
  if (std::any_of(coding.begin(), coding.end(), is_far)) return stamps;
  if (!log.reordered) {
    for (std::size_t i = coding.size() - missing; i < coding.size(); ++i) {
      stamps.push_back(coding[i] + log.delay);
    }
    return stamps;
  }
  const std::int64_t step = coding.size() < 2 ? 0 : coding[1] - coding[0];
  if (step <= 0 || step > kLargestStep || log.step % step != 0 || !is_constant(coding, step))
    return stamps;
  const std::set<std::int64_t> taken(log.recent.begin(), log.recent.end());
  for (auto i = static_cast<std::int64_t>(coding.size()); i-- > 0 && stamps.size() < missing;) {
    const std::int64_t at = log.least_stamp + i * step;
    if (!taken.contains(at)) stamps.push_back(at);
  }
  std::reverse(stamps.begin(), stamps.end());
  return stamps;
}

// MP4 and MOV list every sample with its place, so what lies behind the end of the file is known.
MissingFrames missing_behind_end(const PacketLog& log, const ContainerInfo& container) {
  if (container.size <= 0) return {};
  Stamps coding;
  std::size_t gone = 0;
  for (const IndexEntry& entry : container.index) {
    if (entry.is_discarded) continue;
    coding.push_back(entry.timestamp);
    // The sample that the cut goes through was read, and its packet is marked as broken.
    const bool is_behind = entry.position > container.size - entry.size;
    if (is_behind && entry.position != log.last_position) ++gone;
  }
  if (gone == 0) return {};
  if (static_cast<std::int64_t>(gone) > most_missing(log)) {
    return doubtful(std::max(static_cast<std::int64_t>(gone), container.frames - log.packets));
  }
  MissingFrames missing;
  missing.stamps = place(log, coding, gone);
  missing.unplaced = static_cast<std::int64_t>(gone - missing.stamps.size());
  return missing;
}

// A damaged AVI file is searched for the next chunk that looks right; its index tells it from a
// shorter file.
std::int64_t listed_and_unread(const PacketLog& log, const ContainerInfo& container) {
  const auto listed = std::count_if(container.index.begin(), container.index.end(),
                                    [](const IndexEntry& entry) { return entry.size > 0; });
  return std::max<std::int64_t>(0, listed - log.filled_packets);
}

// The container's count of frames, or what its constant rate makes of the stream's declared length;
// 0 if it states neither.
std::int64_t promised_frames(const PacketLog& log, const ContainerInfo& container) {
  if (container.frames > 0) return container.frames;
  // Other containers' durations start or end elsewhere (FLV), or are measured in what is left of
  // the file (MPEG-TS).
  if (!container.is_matroska()) return 0;
  const double rate = container.frame_rate;
  if (!(rate > 0) || !log.all_stamped || log.shown < 2) return 0;
  const double spread = container.time_base.seconds(log.greatest_stamp - log.least_stamp);
  const double skipped = spread * rate - static_cast<double>(log.shown - 1);
  // Frames shown before the last one read may lie behind the cut.
  if (skipped < -0.5 || skipped > (log.reordered ? 4.5 : 0.5)) return 0;
  // Durations count from time 0, wherever the first frame lies.
  const double start = std::max(0.0, container.time_base.seconds(log.least_stamp));
  const double frames = (container.declared_duration() - start) * rate;
  return std::isnan(frames) ? 0 : std::llround(std::clamp(frames, 0.0, kLargestCount));
}

MissingFrames missing_by_count(const PacketLog& log, const ContainerInfo& container,
                               std::int64_t gone) {
  MissingFrames missing;
  if (gone <= 0) return missing;
  if (gone > most_missing(log)) return doubtful(gone);
  // AVI counts its frames in units of the time base.
  const bool counted =
      container.is_avi() && !log.reordered && log.all_stamped && !log.recent.empty();
  if (!counted) {
    missing.unplaced = gone;
    return missing;
  }
  for (std::int64_t i = 1; i <= gone; ++i) missing.stamps.push_back(log.recent.back() + i);
  return missing;
}

}  // namespace

MissingFrames find_missing_frames(const PacketLog& log, const ContainerInfo& container,
                                  bool read_failed) {
  if (container.is_mov()) {
    MissingFrames missing = missing_behind_end(log, container);
    if (!missing.none()) return missing;
  }
  const bool is_short = container.declared_size > container.size;
  const bool broke_off = is_short || log.last_broken || read_failed;
  if (!broke_off && container.is_avi()) {
    const std::int64_t unread = listed_and_unread(log, container);
    return unread > most_missing(log) ? doubtful(unread) : MissingFrames{{}, unread};
  }
  if (!broke_off && !container.is_matroska()) return {};
  const std::int64_t promised = promised_frames(log, container);
  const std::int64_t gone = promised - log.packets;
  // Without other signs of damage, only more than a second is more than rounding.
  if (!broke_off && static_cast<double>(gone) <= container.frame_rate) return {};
  MissingFrames missing = missing_by_count(log, container, gone);
  if (!broke_off && missing.doubtful > 0) missing.unplaced = 0;  // only the header is wrong
  // Only the index of a file may be cut off; but where reading broke off, or nothing says how many
  // frames there were, one row says that the rest is gone.
  const bool unexplained = missing.none() && broke_off && !log.last_broken;
  if (unexplained && (promised == 0 || read_failed)) missing.unplaced = 1;
  return missing;
}

}  // namespace mien
