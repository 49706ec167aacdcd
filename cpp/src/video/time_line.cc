#include "video/time_line.h"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>

namespace mien {
namespace {

// FFmpeg's command allows a tenth of a second backwards (in ffmpeg.c), and ten ahead
// (-dts_delta_threshold).
constexpr double kMostBack = 0.1;
constexpr double kMostAhead = 10;
// Without decoding times: H.264 and HEVC reorder at most 16 frames.
constexpr double kMostReordered = 2;
constexpr int kMostReorderedFrames = 32;
constexpr std::int64_t kLargestStep = std::int64_t{1} << 40;
constexpr std::size_t kMostNotes = 5;

bool has_far_stamp(const PacketInfo& packet) {
  return (packet.pts && is_far(*packet.pts)) || (packet.dts && is_far(*packet.dts));
}

void shift(PacketInfo& packet, std::int64_t by) {
  if (packet.pts) *packet.pts += by;
  if (packet.dts) *packet.dts += by;
}

}  // namespace

bool TimeLine::is_plausible(const PacketInfo& packet) const {
  if (has_far_stamp(packet)) return false;
  if (!packet.pts || !packet.dts) return true;
  const std::int64_t apart = std::abs(*packet.pts - *packet.dts);
  const std::int64_t step = std::min(packet.duration, kLargestStep);
  return time_base_.seconds(apart) <= kMostAhead || apart <= kMostReorderedFrames * step;
}

bool TimeLine::is_join(const PacketInfo& packet) const {
  if (packet.is_discarded || !last_end_) return false;
  if (packet.dts && last_dts_) {
    const double by = time_base_.seconds(*packet.dts - *last_dts_);
    return by < -kMostBack || (may_jump_ && by > kMostAhead);
  }
  const double reordered = kMostReorderedFrames * time_base_.seconds(last_step_);
  return time_base_.seconds(*packet.stamp() - *last_end_) < -std::max(kMostReordered, reordered);
}

void TimeLine::join(PacketInfo& packet) {
  const std::int64_t by = *last_end_ - *packet.stamp();
  const double from = time_base_.seconds(*last_end_ - offset_);
  offset_ += by;
  shift(packet, by);
  if (notes_.size() < kMostNotes) {
    char text[160];
    std::snprintf(text, sizeof text,
                  "joined at %.3f s: there the container's clock goes from %.3f to %.3f s; times "
                  "here go on without a gap",
                  time_base_.seconds(*last_end_), from,
                  time_base_.seconds(*packet.stamp() - offset_));
    notes_.emplace_back(text);
  }
  ++joins_;
  last_dts_.reset();
}

void TimeLine::place(PacketInfo& packet) {
  if (!packet.stamp()) return;
  const bool is_known = is_plausible(packet);
  if (is_known) shift(packet, offset_);
  if (!is_known || has_far_stamp(packet)) {
    ++damaged_;
    packet.pts.reset();
    packet.dts.reset();
    return;
  }
  if (is_join(packet)) join(packet);
  if (packet.duration > 0 && packet.duration <= kLargestStep) {
    last_step_ = packet.duration;
  } else if (packet.dts && last_dts_ && *packet.dts > *last_dts_) {
    last_step_ = std::min(*packet.dts - *last_dts_, kLargestStep);
  }
  if (packet.dts) last_dts_ = packet.dts;
  if (packet.is_discarded) return;
  const std::int64_t end = *packet.stamp() + last_step_;
  last_end_ = std::max(last_end_.value_or(end), end);
}

std::vector<std::string> TimeLine::notes() const {
  std::vector<std::string> notes = notes_;
  const auto more = joins_ - static_cast<std::int64_t>(notes_.size());
  if (more > 0) notes.push_back("joined in " + std::to_string(more) + " more places");
  return notes;
}

}  // namespace mien
