// The account of frames that a decoder lost, and of those that a container promised.
#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "target.h"
#include "video/missing_frames.h"
#include "video/packet_ledger.h"
#include "video/packet_log.h"

namespace {

using mien::fuzz::require;

std::optional<std::int64_t> stamp(mien::fuzz::Input& input) {
  if (input.flip()) return std::nullopt;
  return input.between(-1000, 1'000'000);
}

mien::PacketInfo packet(mien::fuzz::Input& input) {
  mien::PacketInfo info;
  info.pts = stamp(input);
  info.dts = stamp(input);
  info.position = input.between(-1, 100'000);
  info.size = input.between(0, 2000);
  info.is_broken = input.flip();
  info.is_discarded = input.flip();
  return info;
}

mien::ContainerInfo container(mien::fuzz::Input& input) {
  constexpr const char* kFormats[] = {"avi", "mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "mpegts"};
  mien::ContainerInfo info;
  info.format = kFormats[input.between(0, 3)];
  info.size = input.between(-1, 100'000);
  info.declared_size = input.between(-1, 1'000'000);
  info.frames = input.between(-1, 10'000);
  info.frame_rate = input.between(0, 240);
  info.time_base = {input.between(1, 1001), input.between(1, 90'000)};
  for (int i = input.between(0, 50); i > 0; --i) {
    info.index.push_back({input.between(-1000, 1'000'000), input.between(0, 200'000),
                          input.between(0, 2000), input.flip()});
  }
  return info;
}

}  // namespace

MIEN_FUZZ_TARGET(ledger)(mien::fuzz::Bytes bytes) {
  mien::fuzz::Input input(bytes);
  mien::PacketLedger ledger;
  mien::PacketLog log;
  std::multiset<std::int64_t> sent;
  std::vector<std::int64_t> lost;
  for (int step = 0; step < 500 && !input.ended(); ++step) {
    switch (input.between(0, 3)) {
      case 0:
      case 1: {
        const mien::PacketInfo info = packet(input);
        log.note(info);
        if (!info.stamp()) break;
        ledger.sent(*info.stamp(), info.is_broken);
        sent.insert(*info.stamp());
        break;
      }
      case 2:
        ledger.shown(input.between(-1000, 1'000'000), lost);
        break;
      default:
        ledger.failed();
    }
  }
  ledger.finish(lost);
  require(lost.size() <= sent.size(), "no more frames are lost than were sent");
  for (const std::int64_t at : lost) require(sent.contains(at), "a lost frame was sent");
  const mien::MissingFrames missing =
      mien::find_missing_frames(log, container(input), input.flip());
  require(missing.unplaced >= 0, "a count of missing frames");
}
