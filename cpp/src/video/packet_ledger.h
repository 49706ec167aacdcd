// Finds the frames that a decoder lost.
//
// Note [Lost frames]: packets go into a decoder in coding order, frames come out in presentation
// order, and a packet that can't be decoded leaves only an error code, which decoder threads return
// some packets late. So the ledger holds the time stamp of every packet that went in. A frame that
// comes out settles its own packet and passes those with an earlier stamp: a passed packet that
// gave no frame is a lost frame if the packet was known to be broken, or if the decoder has
// reported a failure to which no lost frame is assigned yet. Packets that give no frame without a
// failure are common and harmless: second fields, hidden VP9 frames, "not coded" MPEG-4 frames.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

namespace mien {

class PacketLedger {
 public:
  // A packet with this stamp (pts, or dts where there is none) went into the decoder, or would have
  // if the file still held it. `broken`: its frame can't come out right.
  void sent(std::int64_t stamp, bool broken) {
    auto [entry, is_new] = open_.try_emplace(stamp, broken);
    if (!is_new) entry->second = entry->second || broken;
  }

  // The decoder reported a failure.
  void failed() { ++failures_; }

  // A frame with this stamp came out. Appends the stamps of frames lost before it to `lost`;
  // returns whether its packet was whole.
  bool shown(std::int64_t stamp, std::vector<std::int64_t>& lost) {
    settle(open_.lower_bound(stamp), lost);
    const auto own = open_.find(stamp);
    if (own == open_.end()) return true;
    const bool whole = !own->second;
    open_.erase(own);
    return whole;
  }

  // Nothing more will come out.
  void finish(std::vector<std::int64_t>& lost) { settle(open_.end(), lost); }

 private:
  using Stamps = std::map<std::int64_t, bool>;  // stamp -> broken

  void settle(Stamps::iterator end, std::vector<std::int64_t>& lost) {
    for (auto entry = open_.begin(); entry != end; entry = open_.erase(entry)) {
      if (!entry->second && failures_ == 0) continue;
      lost.push_back(entry->first);
      if (failures_ > 0) --failures_;
    }
  }

  Stamps open_;
  std::int64_t failures_ = 0;
};

}  // namespace mien
