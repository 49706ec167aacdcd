// Numbers of the tracks of detected faces.
#include "steps.h"
#include "track/tracker.h"

namespace mien::steps {
namespace {

std::vector<int> run_update(Tracker& tracker, std::int64_t frame, double time,
                            const Floats& array) {
  FaceBatch faces;
  for (const Box& box : to_boxes(array)) faces.add(0, box, 1, {});
  tracker.update(frame, time, faces, 0, faces.size());
  return faces.track;
}

}  // namespace

void register_tracking(py::module_& m) {
  py::class_<Tracker>(m, "Tracker", "Follows faces from frame to frame by their boxes.")
      .def(py::init<>())
      .def("update", &run_update, py::arg("frame"), py::arg("time"), py::arg("boxes"),
           "The track of each box of the next frame.");
}

}  // namespace mien::steps
