#include "infer/metadata_reader.h"

#include <cmath>
#include <locale>
#include <set>
#include <sstream>

#include "mien/error.h"

namespace mien {
namespace {

std::string range_text(float least, float most) {
  std::ostringstream text;
  text.imbue(std::locale::classic());
  text << "a number from " << least << " to " << most;
  return text.str();
}

std::string trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t") - first + 1));
}

}  // namespace

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.push_back(trimmed(text.substr(0, end)));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

void MetadataReader::fail(const std::string& key, const std::string& wanted) const {
  const auto found = metadata_.find(key);
  throw PackError("network '" + path_ + "', " + key + ": wanted " + wanted + ", got " +
                  (found == metadata_.end() ? "no such key" : "'" + found->second + "'"));
}

const std::string& MetadataReader::text(const std::string& key) const {
  const auto found = metadata_.find(key);
  if (found == metadata_.end() || found->second.empty()) fail(key, "a value");
  return found->second;
}

std::string MetadataReader::text_or(const std::string& key, const std::string& otherwise) const {
  const auto found = metadata_.find(key);
  return found == metadata_.end() ? otherwise : found->second;
}

void MetadataReader::require(const std::string& key, const std::string& wanted) const {
  if (text(key) != wanted) fail(key, "'" + wanted + "'");
}

// Independent of the process's locale.
float MetadataReader::parse(const std::string& key, const std::string& text) const {
  std::istringstream in(text);
  in.imbue(std::locale::classic());
  float value = 0;
  in >> value;
  if (in.fail() || !in.eof() || !std::isfinite(value)) fail(key, "numbers");
  return value;
}

float MetadataReader::number(const std::string& key, float least, float most) const {
  const float value = parse(key, text(key));
  if (value < least || value > most) fail(key, range_text(least, most));
  return value;
}

float MetadataReader::number_or(const std::string& key, float otherwise) const {
  return metadata_.count(key) == 0 ? otherwise : parse(key, text(key));
}

int MetadataReader::integer(const std::string& key, int least, int most) const {
  const float value = number(key, static_cast<float>(least), static_cast<float>(most));
  if (value != std::floor(value)) fail(key, "a whole number");
  return static_cast<int>(value);
}

std::vector<std::vector<float>> MetadataReader::rows(const std::string& key) const {
  std::vector<std::vector<float>> rows;
  for (const std::string& row : split(text(key), ';')) {
    rows.emplace_back();
    for (const std::string& number : split(row, ',')) rows.back().push_back(parse(key, number));
  }
  return rows;
}

std::vector<float> MetadataReader::numbers(const std::string& key) const {
  const auto all = rows(key);
  if (all.size() != 1) fail(key, "numbers separated by ','");
  return all[0];
}

std::vector<float> MetadataReader::numbers(const std::string& key, std::size_t count) const {
  auto values = numbers(key);
  if (values.size() != count) fail(key, std::to_string(count) + " numbers separated by ','");
  return values;
}

std::vector<std::string> MetadataReader::names(const std::string& key) const {
  auto names = split(text(key), ',');
  std::set<std::string> seen;
  for (const std::string& name : names) {
    if (name.empty() || !seen.insert(name).second) fail(key, "names, none empty, no two alike");
  }
  return names;
}

}  // namespace mien
