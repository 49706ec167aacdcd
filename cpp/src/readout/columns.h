// The columns that each head of a behaviour network must or may have.
#pragma once

#include <string>
#include <vector>

#include "mien/pack.h"

namespace mien {

constexpr int kLandmarks = 68;  // iBUG order

// x_0..x_67, y_0..y_67.
std::vector<std::string> landmark_columns();

// "AU12_L" is {12, 'L'}, "AU01" is {1, '\0'}; number 0 for what is no action unit.
struct ActionUnit {
  int number = 0;
  char side = '\0';
};
ActionUnit parse_action_unit(const std::string& column);
// Whole units by number (a unit with sides counts as whole too), then sided ones by number.
std::vector<std::string> order_action_units(const std::vector<std::string>& columns);

// Throws PackError unless the head's name is known, its columns are those its name stands for, and
// no column occurs twice.
void check_head(const HeadInfo& head);
// The columns a head of this name brings to the table, in table order; of one that passed the
// check.
std::vector<std::string> table_columns(const HeadInfo& head);

}  // namespace mien
