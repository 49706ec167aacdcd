// One rising time line, whatever a container's clock does.
#include "video/time_line.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

namespace mien {
namespace {

using Stamp = std::optional<std::int64_t>;
using Stamps = std::vector<Stamp>;

constexpr TimeBase kBase{1, 25};
constexpr std::int64_t kHuge = std::numeric_limits<std::int64_t>::max();

// The stamps of packets with these, once placed.
Stamps placed(TimeLine& line, const Stamps& stamps) {
  Stamps out;
  for (const Stamp stamp : stamps) {
    PacketInfo packet{stamp, stamp, 0, 1, false, false, 1};
    line.place(packet);
    out.push_back(packet.pts);
  }
  return out;
}

TEST(TimeLine, LeavesAClockThatRisesAlone) {
  TimeLine line(kBase, true);
  EXPECT_EQ(placed(line, {7, 8, 9, 100, {}, 101}), (Stamps{7, 8, 9, 100, {}, 101}));
  EXPECT_EQ(line.joins(), 0);
  EXPECT_TRUE(line.notes().empty());
}

TEST(TimeLine, GoesOnWhereTheClockStartsAgain) {
  TimeLine line(kBase, false);
  EXPECT_EQ(placed(line, {50, 51, 52, 0, 1, 2}), (Stamps{50, 51, 52, 53, 54, 55}));
  EXPECT_EQ(line.joins(), 1);
  EXPECT_EQ(line.notes().front(),
            "joined at 2.120 s: there the container's clock goes from 2.120 to 0.000 s; times here "
            "go on without a gap");
}

TEST(TimeLine, OnlyABroadcastJumpsAhead) {
  TimeLine broadcast(kBase, true);
  EXPECT_EQ(placed(broadcast, {0, 1, 5000, 5001}), (Stamps{0, 1, 2, 3}));
  TimeLine file(kBase, false);
  EXPECT_EQ(placed(file, {0, 1, 5000, 5001}), (Stamps{0, 1, 5000, 5001}));
}

TEST(TimeLine, ReorderedFramesAreNoJoin) {
  TimeLine line(kBase, true);
  for (const auto& [pts, dts] : std::vector<std::pair<int, int>>{{0, -1}, {4, 0}, {2, 1}, {3, 2}}) {
    PacketInfo packet{pts, dts, 0, 1, false, false, 1};
    line.place(packet);
    EXPECT_EQ(packet.pts, pts);
  }
  EXPECT_EQ(line.joins(), 0);
}

TEST(TimeLine, StampsThatCannotBeMeantAreRemoved) {
  TimeLine line(kBase, true);
  EXPECT_EQ(placed(line, {0, kHuge, -kHuge, 1}), (Stamps{0, {}, {}, 1}));
  PacketInfo packet{5000, 2, 0, 1, false, false, 1};  // shown 200 s after decoding
  line.place(packet);
  EXPECT_EQ(packet.pts, std::nullopt);
  EXPECT_EQ(line.damaged(), 3);
}

TEST(TimeLine, NotesOfManyJoinsStayShort) {
  TimeLine line(kBase, false);
  for (int i = 0; i < 1000; ++i) placed(line, {0, 10, 20});
  EXPECT_EQ(line.joins(), 999);
  EXPECT_EQ(line.notes().size(), 6U);
}

TEST(TimeLine, JumpsToAndFroNeverOverflow) {
  TimeLine line(kBase, true);
  for (int i = 0; i < 100; ++i) placed(line, {kHuge / 8, -kHuge / 8});
  EXPECT_GT(line.joins(), 0);
}

}  // namespace
}  // namespace mien
