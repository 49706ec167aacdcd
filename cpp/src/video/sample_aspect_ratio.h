// What files say about the shape of their pixels.
#pragma once

#include <cstdint>
#include <string>

#include "mien/options.h"

namespace mien {

// num : den, width of a pixel through its height, as a container or a stream states it.
struct StatedSar {
  std::int64_t num = 0;
  std::int64_t den = 1;

  bool says_nothing() const { return num == 0 || den == 0; }
  bool is_believed() const {
    if (num <= 0 || den <= 0) return false;
    return value() >= 1 / kLargestSar && value() <= kLargestSar;
  }
  double value() const { return static_cast<double>(num) / static_cast<double>(den); }
  std::string text() const { return std::to_string(num) + ":" + std::to_string(den); }
};

// The sample aspect ratio to read a file with; 1 if it says none that can be believed.
inline double believed(const StatedSar& stated) {
  return stated.is_believed() ? stated.value() : 1;
}

}  // namespace mien
