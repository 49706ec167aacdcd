// Which packets a ledger calls lost.
#include "video/packet_ledger.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace mien {
namespace {

using Stamps = std::vector<std::int64_t>;

TEST(PacketLedger, HiddenPacketsAreNotLost) {
  PacketLedger ledger;
  Stamps lost;
  for (const int stamp : {0, 1, 2}) ledger.sent(stamp, false);
  EXPECT_TRUE(ledger.shown(0, lost));
  EXPECT_TRUE(ledger.shown(2, lost));  // 1 gave no frame and no failure
  ledger.finish(lost);
  EXPECT_EQ(lost, Stamps{});
}

TEST(PacketLedger, FailuresFindTheirPackets) {
  PacketLedger ledger;
  Stamps lost;
  for (const int stamp : {0, 4, 2, 1, 3}) ledger.sent(stamp, false);  // coding order
  ledger.failed();
  EXPECT_TRUE(ledger.shown(0, lost));
  EXPECT_EQ(lost, Stamps{});
  EXPECT_TRUE(ledger.shown(2, lost));
  EXPECT_EQ(lost, Stamps{1});
  EXPECT_TRUE(ledger.shown(4, lost));
  ledger.failed();
  ledger.sent(5, false);
  ledger.finish(lost);
  EXPECT_EQ(lost, (Stamps{1, 5}));
}

TEST(PacketLedger, BrokenPacketsAreLostWithOrWithoutAFrame) {
  PacketLedger ledger;
  Stamps lost;
  ledger.sent(0, true);
  ledger.sent(1, true);
  ledger.sent(2, false);
  EXPECT_FALSE(ledger.shown(0, lost));
  EXPECT_TRUE(ledger.shown(2, lost));
  EXPECT_EQ(lost, Stamps{1});
}

}  // namespace
}  // namespace mien
