// Typed values from the flat metadata of a model file. Private to infer/.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "mien/pack.h"

namespace mien {

// Parts of "a,b" between the separators, without leading and trailing blanks.
std::vector<std::string> split(std::string_view text, char separator);

// All methods throw PackError("network '<path>', <key>: wanted ..., got ...").
class MetadataReader {
 public:
  MetadataReader(const std::string& path, const Metadata& metadata)
      : path_(path), metadata_(metadata) {}

  // Never empty. The other methods read this text.
  const std::string& text(const std::string& key) const;
  std::string text_or(const std::string& key, const std::string& otherwise) const;
  void require(const std::string& key, const std::string& wanted) const;

  // Finite and in [least, most].
  float number(const std::string& key, float least, float most) const;
  float number_or(const std::string& key, float otherwise) const;
  int integer(const std::string& key, int least, int most) const;
  // "a,b;c,d": rows at ";", numbers at ",".
  std::vector<std::vector<float>> rows(const std::string& key) const;
  std::vector<float> numbers(const std::string& key) const;  // one row, of any length
  std::vector<float> numbers(const std::string& key, std::size_t count) const;
  std::vector<std::string> names(const std::string& key) const;  // not empty, all different

  [[noreturn]] void fail(const std::string& key, const std::string& wanted) const;

 private:
  float parse(const std::string& key, const std::string& text) const;

  const std::string& path_;
  const Metadata& metadata_;
};

}  // namespace mien
