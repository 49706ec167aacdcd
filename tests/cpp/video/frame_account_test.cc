// Every frame gets its place and time, lost ones too.
#include "video/frame_account.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <optional>
#include <vector>

namespace mien {
namespace {

using Times = std::vector<double>;

PacketInfo packet(std::int64_t stamp, bool is_broken = false) {
  return {stamp, std::nullopt, stamp, 1, is_broken, false};
}

bool read(FrameAccount& account, PacketInfo packet) { return account.read(packet); }

TEST(FrameAccount, FailuresFindTheirPackets) {
  FrameAccount account({1, 4}, "");
  for (const int stamp : {0, 4, 2, 1, 3}) EXPECT_TRUE(read(account, packet(stamp)));
  account.failed();
  EXPECT_EQ(account.shown(0).lost, Times{});
  const FrameAccount::Shown second = account.shown(2);
  EXPECT_EQ(second.lost, Times{0.25});
  EXPECT_EQ(second.time, 0.5);
  EXPECT_TRUE(second.is_whole);
  EXPECT_EQ(account.shown(4).lost, Times{});
  account.failed();
  EXPECT_TRUE(read(account, packet(5)));
  account.end({}, false);
  EXPECT_EQ(account.finish(), Times{1.25});
}

TEST(FrameAccount, FramesOfBrokenPacketsAreNotWhole) {
  FrameAccount account({1, 1}, "");
  EXPECT_TRUE(read(account, packet(0, true)));
  EXPECT_FALSE(account.shown(0).is_whole);
}

TEST(FrameAccount, SomePacketsAreNotDecoded) {
  FrameAccount account({1, 1}, "");
  EXPECT_FALSE(read(account, {0, 0, 0, 0, false, false}));            // empty
  EXPECT_FALSE(read(account, {std::nullopt, 1, 0, 1, true, false}));  // broken, and without a pts
  EXPECT_TRUE(read(account, {std::nullopt, 1, 0, 1, true, true}));    // discarded
  account.end({}, false);
  const Times lost = account.finish();
  ASSERT_EQ(lost.size(), 1U);
  EXPECT_TRUE(std::isnan(lost[0]));
}

TEST(FrameAccount, AviCountsOnWhereStampsAreMissing) {
  FrameAccount avi({1, 2}, "avi");
  EXPECT_TRUE(std::isnan(avi.shown(std::nullopt).time));
  EXPECT_EQ(avi.shown(3).time, 1.5);
  EXPECT_EQ(avi.shown(std::nullopt).time, 2.0);
  FrameAccount other({1, 2}, "");
  EXPECT_EQ(other.shown(3).time, 1.5);
  EXPECT_TRUE(std::isnan(other.shown(std::nullopt).time));
}

TEST(FrameAccount, WhatTheContainerPromisedIsLost) {
  FrameAccount account({1, 25}, "avi");
  for (const int stamp : {0, 1, 2}) read(account, {stamp, stamp, stamp, 1, false, false});
  for (const int stamp : {0, 1, 2}) account.shown(stamp);
  ContainerInfo container;
  container.format = "avi";
  container.frames = 5;
  container.size = 10;
  container.declared_size = 20;
  account.end(container, false);
  EXPECT_EQ(account.finish(), (Times{3 / 25.0, 4 / 25.0}));
}

}  // namespace
}  // namespace mien
