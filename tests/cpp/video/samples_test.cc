// Rounding of samples above 8 bits, the ledger of lost frames, and declared sizes of files.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "runtime/simd.h"
#include "video/declared_size.h"
#include "video/high_bit_depth.h"
#include "video/packet_ledger.h"

namespace mien {
namespace {

using Stamps = std::vector<std::int64_t>;

TEST(HighBitDepth, RoundsEveryValueOnEveryInstructionSet) {
  const Isa best = active_isa();
  for (const Isa isa : {Isa::kBaseline, Isa::kAvx2, Isa::kAvx512}) {
    limit_isa(isa);
    for (const int depth : {9, 10, 12, 14, 16}) {
      for (const int shift : {0, 16 - depth}) {
        const int count = 1 << depth;
        std::vector<std::uint16_t> words(static_cast<std::size_t>(count));
        for (int v = 0; v < count; ++v)
          words[static_cast<std::size_t>(v)] = static_cast<std::uint16_t>(v << shift);
        std::vector<std::uint8_t> out(words.size());
        round_to_8_bits(
            {reinterpret_cast<const std::uint8_t*>(words.data()), 2 * count, 2, shift, depth},
            count, 1, out.data());
        for (int v = 0; v < count; ++v) {
          const int wanted = std::min(255, (v + (1 << (depth - 9))) >> (depth - 8));
          ASSERT_EQ(out[static_cast<std::size_t>(v)], wanted) << v << " of " << depth << " bits";
        }
      }
    }
  }
  limit_isa(best);
}

TEST(HighBitDepth, FollowsStrides) {
  // Two rows of interleaved U and V as in P010: 4 bytes apart, upper 10 bits of a word.
  const std::vector<std::uint16_t> words{100 << 6, 4 << 6,    200 << 6, 8 << 6,   0,
                                         300 << 6, 1023 << 6, 400 << 6, 512 << 6, 0};
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(words.data());
  std::vector<std::uint8_t> v(4);
  round_to_8_bits({bytes + 2, 10, 4, 6, 10}, 2, 2, v.data());
  EXPECT_EQ(v, (std::vector<std::uint8_t>{1, 2, 255, 128}));
}

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

std::string file_of(const std::string& bytes) {
  const auto path = std::filesystem::temp_directory_path() /
                    ("mien_declared_size_" + std::to_string(std::hash<std::string>{}(bytes)));
  std::ofstream(path, std::ios::binary) << bytes;
  return path.string();
}

std::int64_t stated(const std::string& bytes) {
  const std::string path = file_of(bytes);
  const std::int64_t size = declared_size(path);
  std::filesystem::remove(path);
  return size;
}

TEST(DeclaredSize, ReadsRiff) {
  EXPECT_EQ(stated(std::string("RIFF\x10\x27\0\0AVI ", 12)), 10000 + 8);
  EXPECT_EQ(stated(std::string("RIFF\0\0\0\0AVI ", 12)), 0);
}

TEST(DeclaredSize, ReadsMatroska) {
  // Header of 3 bytes; then a segment of 0x1234 bytes, its size written in 8 bytes or 2.
  const std::string head(
      "\x1a\x45\xdf\xa3\x83"
      "abc\x18\x53\x80\x67",
      12);
  EXPECT_EQ(stated(head + std::string("\x01\0\0\0\0\0\x12\x34", 8)), 12 + 8 + 0x1234);
  EXPECT_EQ(stated(head + std::string("\x52\x34", 2)), 12 + 2 + 0x1234);
  EXPECT_EQ(stated(head + std::string("\x01\xff\xff\xff\xff\xff\xff\xff", 8)), 0);  // left open
  EXPECT_EQ(stated(head), 0);
}

TEST(DeclaredSize, KnowsNothingOfOtherFiles) {
  EXPECT_EQ(stated("just text, and long enough to be looked at"), 0);
  EXPECT_EQ(stated(""), 0);
  EXPECT_EQ(declared_size("/no/such/file"), 0);
}

}  // namespace
}  // namespace mien
