// Fuzz targets: functions that must hold for any bytes. With MIEN_FUZZ each is a program of its own
// for libFuzzer (`just fuzz TARGET SECONDS`); without, the C++ tests call all with a few inputs.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>
#include <vector>

namespace mien::fuzz {

using Bytes = std::span<const std::uint8_t>;

struct Target {
  std::string name;
  void (*run)(Bytes);
};

// Those of this program.
inline std::vector<Target>& targets() {
  static std::vector<Target> all;
  return all;
}

inline bool add(const char* name, void (*run)(Bytes)) {
  targets().push_back({name, run});
  return true;
}

// Ends the process where something that must hold doesn't, in every build.
inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "fuzz: does not hold: %s\n", what);
  std::abort();
}

// Values out of the input, zero once it has ended.
class Input {
 public:
  explicit Input(Bytes bytes) : rest_(bytes) {}

  template <typename T>
  T take() {
    T value{};
    const std::size_t size = std::min(sizeof(T), rest_.size());
    if (size > 0) std::memcpy(&value, rest_.data(), size);
    rest_ = rest_.subspan(size);
    return value;
  }
  // In [least, most].
  int between(int least, int most) {
    const auto range = static_cast<unsigned>(most - least) + 1;
    return least + static_cast<int>(take<std::uint32_t>() % range);
  }
  bool flip() { return (take<std::uint8_t>() & 1) != 0; }
  bool ended() const { return rest_.empty(); }
  std::string text(std::size_t most) {
    const std::size_t size = std::min(most, rest_.size());
    std::string taken(reinterpret_cast<const char*>(rest_.data()), size);
    rest_ = rest_.subspan(size);
    return taken;
  }
  Bytes rest() const { return rest_; }

 private:
  Bytes rest_;
};

}  // namespace mien::fuzz

#ifdef MIEN_LIBFUZZER
#define MIEN_FUZZ_TARGET(name)                                                        \
  static void name(mien::fuzz::Bytes);                                                \
  extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) { \
    name({data, size});                                                               \
    return 0;                                                                         \
  }                                                                                   \
  static void name
#else
#define MIEN_FUZZ_TARGET(name)                                                       \
  static void name(mien::fuzz::Bytes);                                               \
  [[maybe_unused]] static const bool name##_is_added = mien::fuzz::add(#name, name); \
  static void name
#endif
