#include "mien/error.h"
#include "steps.h"

namespace mien::steps {

void require_shape(const Floats& array, const std::string& name,
                   const std::vector<py::ssize_t>& wanted) {
  bool ok = array.ndim() == static_cast<py::ssize_t>(wanted.size());
  for (std::size_t i = 0; ok && i < wanted.size(); ++i) {
    ok = wanted[i] < 0 || array.shape(static_cast<py::ssize_t>(i)) == wanted[i];
  }
  if (ok) return;
  std::string text = name + ": wanted shape (";
  for (const py::ssize_t side : wanted) text += (side < 0 ? "N" : std::to_string(side)) + ",";
  throw InputError(text + "), got " + std::to_string(array.ndim()) + " dimensions and " +
                   std::to_string(array.size()) + " values");
}

std::vector<Box> to_boxes(const Floats& array) {
  require_shape(array, "boxes", {-1, 4});
  std::vector<Box> boxes(static_cast<std::size_t>(array.shape(0)));
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    const float* b = array.data() + 4 * i;
    boxes[i] = {b[0], b[1], b[2], b[3]};
  }
  return boxes;
}

}  // namespace mien::steps
