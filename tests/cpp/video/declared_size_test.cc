// How long AVI and Matroska files claim to be.
#include "video/declared_size.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

namespace mien {
namespace {

std::string file_of(const std::string& bytes) {
  const auto path = std::filesystem::temp_directory_path() /
                    ("mien_declared_size_" + std::to_string(std::hash<std::string>{}(bytes)));
  std::ofstream(path, std::ios::binary) << bytes;
  return path.string();
}

std::int64_t declared(const std::string& bytes) {
  const std::string path = file_of(bytes);
  const std::int64_t size = declared_size(path);
  std::filesystem::remove(path);
  return size;
}

TEST(DeclaredSize, ReadsRiff) {
  EXPECT_EQ(declared(std::string("RIFF\x10\x27\0\0AVI ", 12)), 10000 + 8);
  EXPECT_EQ(declared(std::string("RIFF\0\0\0\0AVI ", 12)), 0);
}

TEST(DeclaredSize, ReadsMatroska) {
  // Header of 3 bytes; then a segment of 0x1234 bytes, its size written in 8 bytes or 2.
  const std::string head(
      "\x1a\x45\xdf\xa3\x83"
      "abc\x18\x53\x80\x67",
      12);
  EXPECT_EQ(declared(head + std::string("\x01\0\0\0\0\0\x12\x34", 8)), 12 + 8 + 0x1234);
  EXPECT_EQ(declared(head + std::string("\x52\x34", 2)), 12 + 2 + 0x1234);
  EXPECT_EQ(declared(head + std::string("\x01\xff\xff\xff\xff\xff\xff\xff", 8)), 0);  // left open
  EXPECT_EQ(declared(head), 0);
}

TEST(DeclaredSize, KnowsNothingOfOtherFiles) {
  EXPECT_EQ(declared("just text, and long enough to be looked at"), 0);
  EXPECT_EQ(declared(""), 0);
  EXPECT_EQ(declared_size("/no/such/file"), 0);
}

}  // namespace
}  // namespace mien
