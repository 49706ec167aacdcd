// The columns that each head of a behaviour network must or may have.
#pragma once

#include <string>
#include <vector>

#include "mien/pack.h"

namespace mien {

constexpr int kLandmarks = 68;  // iBUG order

// x_0..x_67, y_0..y_67.
std::vector<std::string> landmark_columns();

// "AU12_L" is {12, 'L'}, "AU01" is {1, '\0'}; the number is 0 for names of other columns.
struct ActionUnit {
  int number = 0;
  char side = '\0';
};
ActionUnit parse_action_unit(const std::string& column);
// Whole units by number (a unit with sides counts as whole too), then sided ones by number.
std::vector<std::string> order_action_units(const std::vector<std::string>& columns);

// Throws PackError unless the head's name is known, its columns belong to that name, and no column
// occurs twice.
void check_head(const HeadInfo& head);
// The columns of the table that the head provides, in table order. The head must have passed
// check_head().
std::vector<std::string> table_columns(const HeadInfo& head);

}  // namespace mien
