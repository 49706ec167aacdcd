#include "readout/columns.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "mien/error.h"

namespace mien {
namespace {

// Heads with one fixed set of columns, in table order. Action units differ from pack to pack.
const std::map<std::string, std::vector<std::string>>& fixed_heads() {
  static const std::map<std::string, std::vector<std::string>> heads{
      {"expression", {"anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral"}},
      {"affect", {"valence", "arousal"}},
      {"landmarks", landmark_columns()},
      {"pose", {"Pitch", "Roll", "Yaw"}},
      {"gaze", {"gaze_pitch", "gaze_yaw"}}};
  return heads;
}

std::string join(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ",") + name;
  return text;
}

std::string quote(const std::string& text) {
  std::string quoted = "'";
  return quoted.append(text).append("'");
}

[[noreturn]] void fail(const HeadInfo& head, const std::string& wanted, const std::string& got) {
  throw PackError("behaviour network, head " + quote(head.name) + ": wanted " + wanted + ", got " +
                  got);
}

void check_action_units(const HeadInfo& head, const std::set<std::string>& names) {
  for (const std::string& name : names) {
    const ActionUnit unit = parse_action_unit(name);
    if (unit.number == 0) {
      fail(head, "columns like AU06 or the pair AU12_L, AU12_R", quote(name));
    }
    if (unit.side == '\0') continue;
    const std::string whole = name.substr(0, 4);
    if (names.count(whole) > 0) fail(head, whole + " either whole or with sides", "both");
    const std::string other = whole + (unit.side == 'L' ? "_R" : "_L");
    if (names.count(other) == 0) fail(head, name + " together with " + other, join(head.columns));
  }
}

}  // namespace

std::vector<std::string> landmark_columns() {
  std::vector<std::string> names;
  for (const char* axis : {"x_", "y_"}) {
    for (int i = 0; i < kLandmarks; ++i) names.push_back(axis + std::to_string(i));
  }
  return names;
}

ActionUnit parse_action_unit(const std::string& column) {
  const auto digit = [&](std::size_t i) {
    return std::isdigit(static_cast<unsigned char>(column[i])) != 0;
  };
  if (column.size() < 4 || column.compare(0, 2, "AU") != 0 || !digit(2) || !digit(3)) return {};
  const int number = 10 * (column[2] - '0') + (column[3] - '0');
  if (column.size() == 4) return {number, '\0'};
  const bool sided =
      column.size() == 6 && column[4] == '_' && (column[5] == 'L' || column[5] == 'R');
  return sided ? ActionUnit{number, column[5]} : ActionUnit{};
}

std::vector<std::string> order_action_units(const std::vector<std::string>& columns) {
  std::set<std::string> whole;  // with two digits each, so that text order is numeric order
  std::set<std::string> sided;
  for (const std::string& column : columns) {
    whole.insert(column.substr(0, 4));
    if (column.size() > 4) sided.insert(column);
  }
  std::vector<std::string> ordered(whole.begin(), whole.end());
  ordered.insert(ordered.end(), sided.begin(), sided.end());
  return ordered;
}

void check_head(const HeadInfo& head) {
  const std::set<std::string> names(head.columns.begin(), head.columns.end());
  if (head.columns.empty() || names.size() != head.columns.size()) {
    fail(head, "columns that all differ", quote(join(head.columns)));
  }
  if (head.name == "action_units") return check_action_units(head, names);
  const auto known = fixed_heads().find(head.name);
  if (known == fixed_heads().end()) {
    throw PackError(
        "behaviour network: wanted heads among action_units, affect, expression, gaze, landmarks, "
        "pose, got " +
        quote(head.name));
  }
  const std::set<std::string> wanted(known->second.begin(), known->second.end());
  if (names != wanted) {
    fail(head, "the columns " + join(known->second), quote(join(head.columns)));
  }
}

std::vector<std::string> table_columns(const HeadInfo& head) {
  if (head.name == "action_units") return order_action_units(head.columns);
  return fixed_heads().at(head.name);
}

}  // namespace mien
