// Video files: what they hold, and a reader of frames for tools and tests. The engine reads files
// without Python.
#include "mien/video.h"

#include <pybind11/numpy.h>
#include <pybind11/stl/filesystem.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <utility>

#include "bindings.h"
#include "core/pixels.h"
#include "mien/engine.h"

namespace mien {
namespace {

const char* status_name(Status status) {
  return status == Status::kDecodeError ? "decode_error" : "ok";
}

// Owns a source; each step hands out (index, time, status, RGB or None).
class VideoReader {
 public:
  VideoReader(const std::filesystem::path& path, int every, double start, double end, int threads)
      : source_(open_video(path.string(), ReadOptions{every, start, end}, threads)) {}

  py::tuple next() {
    Frame frame;
    bool more = false;
    {
      const py::gil_scoped_release release;
      more = source_->next(frame);
    }
    if (!more) throw py::stop_iteration();
    py::object rgb = py::none();
    if (frame.status != Status::kDecodeError) {
      py::array_t<std::uint8_t> pixels({frame.view.height, frame.view.width, 3});
      std::uint8_t* out = pixels.mutable_data();
      {
        const py::gil_scoped_release release;
        to_rgb24(frame.view, out);
      }
      rgb = std::move(pixels);
    }
    return py::make_tuple(frame.index, frame.time, status_name(frame.status), rgb);
  }

 private:
  std::unique_ptr<FrameSource> source_;
};

py::dict probe(const std::filesystem::path& path) {
  VideoInfo info;
  {
    const py::gil_scoped_release release;
    info = probe_video(path.string());
  }
  py::dict out;
  out["codec"] = info.codec;
  out["pixel_format"] = info.pixel_format;
  out["width"] = info.width;
  out["height"] = info.height;
  out["rotation"] = info.rotation;
  out["frame_rate"] = info.frame_rate;
  out["frames"] = info.frames;
  out["duration"] = info.duration;
  return out;
}

}  // namespace

void register_video(py::module_& m) {
  m.def("video_decoder_version", &video_decoder_version,
        "Version of the FFmpeg that was built in; empty where there is none.");
  m.def(
      "probe_video", &probe, py::arg("path"),
      "What a video file holds: codec, pixel_format, width and height as shown (pixels), rotation "
      "(degrees clockwise), frame_rate (1/s), frames and duration (s) as the container says, 0 "
      "where it does not.");
  const ReadOptions defaults;
  py::class_<VideoReader>(m, "VideoReader",
                          "Iterator over (index, time in seconds, 'ok' or 'decode_error', (height, "
                          "width, 3) uint8 RGB or None) of a video file's frames.")
      .def(py::init<const std::filesystem::path&, int, double, double, int>(), py::arg("path"),
           py::arg("every") = defaults.every, py::arg("start") = defaults.start,
           py::arg("end") = defaults.end, py::arg("threads") = 1)
      .def("__iter__", [](py::object self) { return self; })
      .def("__next__", &VideoReader::next);
}

}  // namespace mien
