// FrameAccount: which frames of a damaged video were lost, for the decoder that goes through PyAV.
#include "video/frame_account.h"

#include <pybind11/stl/filesystem.h>

#include <cstdint>
#include <filesystem>
#include <optional>

#include "bindings.h"
#include "video/declared_size.h"

namespace mien {
namespace {

using Stamp = std::optional<std::int64_t>;

bool read_packet(FrameAccount& account, Stamp pts, Stamp dts, Stamp position, std::int64_t size,
                 bool is_broken, bool is_discarded) {
  return account.read({pts, dts, position.value_or(-1), size, is_broken, is_discarded});
}

py::tuple frame_shown(FrameAccount& account, Stamp stamp) {
  const FrameAccount::Shown shown = account.shown(stamp);
  return py::make_tuple(shown.lost, shown.time, shown.is_whole);
}

}  // namespace

void register_frame_account(py::module_& m) {
  py::class_<FrameAccount>(m, "FrameAccount",
                           "Every frame of a video stream in order of presentation, with its time "
                           "in seconds (NaN if unknown), lost ones among them.")
      .def(py::init([](int num, int den, bool counts_frames) {
             return FrameAccount({num, den}, counts_frames);
           }),
           py::arg("num"), py::arg("den"), py::kw_only(), py::arg("counts_frames"))
      .def("read", &read_packet, py::arg("pts"), py::arg("dts"), py::arg("position"),
           py::arg("size"), py::arg("is_broken"), py::arg("is_discarded"),
           "A packet was read; whether it has to be decoded.")
      .def("failed", &FrameAccount::failed, "The decoder reported a failure.")
      .def("shown", &frame_shown, py::arg("stamp"),
           "A frame came out: times of those lost before it, its own, and whether it is whole.")
      .def("end", &FrameAccount::end, py::arg("container"), py::arg("read_failed"),
           "The last packet was read, and the decoder is about to be flushed.")
      .def("finish", &FrameAccount::finish,
           "Nothing more will come out: times of the frames that were lost.");
  m.def(
      "declared_size",
      [](const std::filesystem::path& path) { return declared_size(path.string()); },
      py::arg("path"),
      "Bytes that a RIFF or Matroska file claims to have; 0 for others, and where it does not "
      "say.");
}

}  // namespace mien
