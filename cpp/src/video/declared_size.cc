#include "video/declared_size.h"

#include <array>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <span>

namespace mien {
namespace {

using Bytes = std::span<const unsigned char>;

std::int64_t riff_size(Bytes head) {
  if (head.size() < 8 || std::memcmp(head.data(), "RIFF", 4) != 0) return 0;
  std::int64_t size = 0;
  for (int i = 7; i >= 4; --i) size = size << 8 | head[static_cast<std::size_t>(i)];
  return size == 0 ? 0 : size + 8;
}

// An EBML number: as many bytes as its first has leading zeros, plus one. -1: left open, or not
// there.
std::int64_t take_size(Bytes& in) {
  if (in.empty() || in[0] == 0) return -1;
  std::size_t length = 1;
  while ((in[0] & (0x80 >> (length - 1))) == 0) ++length;
  if (in.size() < length) return -1;
  std::int64_t value = in[0] & (0xff >> length);
  for (std::size_t i = 1; i < length; ++i) value = value << 8 | in[i];
  const std::int64_t open = (std::int64_t{1} << (7 * length)) - 1;
  in = in.subspan(length);
  return value == open ? -1 : value;
}

bool take_id(Bytes& in, const char* id) {
  if (in.size() < 4 || std::memcmp(in.data(), id, 4) != 0) return false;
  in = in.subspan(4);
  return true;
}

// An EBML header, then the one segment that holds everything else.
std::int64_t matroska_size(Bytes head) {
  Bytes rest = head;
  if (!take_id(rest, "\x1a\x45\xdf\xa3")) return 0;
  const std::int64_t header = take_size(rest);
  if (header < 0 || static_cast<std::size_t>(header) > rest.size()) return 0;
  rest = rest.subspan(static_cast<std::size_t>(header));
  if (!take_id(rest, "\x18\x53\x80\x67")) return 0;
  const std::int64_t segment = take_size(rest);
  if (segment < 0) return 0;
  return static_cast<std::int64_t>(head.size() - rest.size()) + segment;
}

}  // namespace

std::int64_t declared_size(const std::string& path) {
  std::array<unsigned char, 256> buffer{};
  std::ifstream file(path, std::ios::binary);
  file.read(reinterpret_cast<char*>(buffer.data()), buffer.size());
  const Bytes head(buffer.data(), static_cast<std::size_t>(file.gcount()));
  const std::int64_t riff = riff_size(head);
  return riff > 0 ? riff : matroska_size(head);
}

}  // namespace mien
