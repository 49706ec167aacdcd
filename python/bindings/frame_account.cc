// FrameAccount: which frames of a damaged video were lost, for the decoder that goes through PyAV.
#include "video/frame_account.h"

#include <pybind11/stl/filesystem.h>

#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>

#include "bindings.h"
#include "video/container_formats.h"
#include "video/declared_size.h"

namespace mien {
namespace {

using Stamp = std::optional<std::int64_t>;

py::tuple read_packet(FrameAccount& account, Stamp pts, Stamp dts, Stamp position,
                      std::int64_t size, bool is_broken, bool is_discarded, Stamp duration) {
  PacketInfo packet{pts,       dts,          position.value_or(-1), size,
                    is_broken, is_discarded, duration.value_or(0)};
  const bool is_needed = account.read(packet);
  return py::make_tuple(is_needed, packet.pts, packet.dts);
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
      .def(py::init([](int num, int den, const std::string& format, double fps) {
             return FrameAccount({num, den}, format, fps);
           }),
           py::arg("num"), py::arg("den"), py::kw_only(), py::arg("format"),
           py::arg("fps") = std::numeric_limits<double>::quiet_NaN())
      .def(
          "read", &read_packet, py::arg("pts"), py::arg("dts"), py::arg("position"),
          py::arg("size"), py::arg("is_broken"), py::arg("is_discarded"), py::arg("duration") = 0,
          "A packet was read: whether it has to be decoded, and the pts and dts to decode it with.")
      .def("failed", &FrameAccount::failed, "The decoder reported a failure.")
      .def("shown", &frame_shown, py::arg("stamp"),
           "A frame came out: times of those lost before it, its own, and whether it is whole.")
      .def("end", &FrameAccount::end, py::arg("container"), py::arg("read_failed"),
           "The last packet was read, and the decoder is about to be flushed.")
      .def("finish", &FrameAccount::finish,
           "Nothing more will come out: times of the frames that were lost.")
      .def("rising", &FrameAccount::rising, py::arg("time"),
           "The time of a frame that is handed on; NaN if it is before an earlier one's.")
      .def_property_readonly("index_entries", &FrameAccount::index_entries,
                             "How many entries of the container's index `end` looks at.")
      .def_property_readonly("notes", &FrameAccount::notes,
                             "Sentences about what a reader of the frames has to know.")
      .def_property_readonly("changes", &FrameAccount::changes,
                             "Grows whenever `notes` say something else.");
  m.def("readable_formats", &readable_formats,
        "FFmpeg's names of the containers that are read, with commas between.");
  m.def(
      "has_clock", [](const std::string& format) { return clock_of(format).exists; },
      py::arg("format"), "Whether files of a format have times of their own.");
  m.def(
      "check_clock",
      [](const std::filesystem::path& path, const std::string& format, const ReadOptions& options) {
        check_clock(path.string(), format, options);
      },
      py::arg("path"), py::arg("format"), py::arg("options"),
      "Raises OptionError for options that don't fit the clock of a file.");
  m.def(
      "check_frame_size",
      [](const std::filesystem::path& path, int width, int height) {
        check_frame_size(path.string(), width, height);
      },
      py::arg("path"), py::arg("width"), py::arg("height"),
      "Raises InputError for frames that are too large.");
  m.attr("MAX_FRAME_PIXELS") = kMaxFramePixels;
  m.attr("MAX_SECONDS_WITHOUT_PACKET") = kMaxSecondsWithoutPacket;
  m.attr("FRAMES_BEHIND_WINDOW") = kFramesBehindWindow;
  m.def(
      "declared_size",
      [](const std::filesystem::path& path) { return declared_size(path.string()); },
      py::arg("path"),
      "Bytes that a RIFF or Matroska file claims to have; 0 for others, and where it does not "
      "say.");
}

}  // namespace mien
