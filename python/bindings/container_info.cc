// ContainerInfo: what PyAV's container says about a video stream.
#include "video/container_info.h"

#include <cstdint>
#include <tuple>
#include <utility>

#include "bindings.h"

namespace mien {
namespace {

using Entry = std::tuple<std::int64_t, std::int64_t, std::int64_t, bool>;

ContainerInfo make_container_info(std::string format, std::int64_t size, std::int64_t declared_size,
                                  std::int64_t frames, double frame_rate,
                                  std::pair<int, int> time_base,
                                  std::optional<std::int64_t> duration, std::string duration_tag,
                                  std::optional<double> file_duration,
                                  const std::vector<Entry>& index) {
  ContainerInfo info;
  info.format = std::move(format);
  info.size = size;
  info.declared_size = declared_size;
  info.frames = frames;
  info.frame_rate = frame_rate;
  info.time_base = {time_base.first, time_base.second};
  info.duration = duration;
  info.duration_tag = std::move(duration_tag);
  info.file_duration = file_duration;
  for (const auto& [timestamp, position, bytes, is_discarded] : index) {
    info.index.push_back({timestamp, position, bytes, is_discarded});
  }
  return info;
}

}  // namespace

void register_container_info(py::module_& m) {
  py::class_<ContainerInfo>(
      m, "ContainerInfo",
      "What a container says about its video stream. `index` holds (timestamp, position, size, "
      "is_discarded) of each sample.")
      .def(py::init(&make_container_info), py::kw_only(), py::arg("format"), py::arg("size"),
           py::arg("declared_size") = 0, py::arg("frames") = 0, py::arg("frame_rate") = 0.0,
           py::arg("time_base") = std::pair(1, 1), py::arg("duration") = py::none(),
           py::arg("duration_tag") = "", py::arg("file_duration") = py::none(),
           py::arg("index") = std::vector<Entry>{});
}

}  // namespace mien
