// Video files: their properties, and an iterator over their frames for tools and tests. The engine
// reads files without Python.
#include "mien/video.h"

#include <pybind11/stl/filesystem.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "array.h"
#include "bindings.h"
#include "device/device.h"
#include "device_array.h"
#include "gil.h"
#include "mien/engine.h"
#include "mien/error.h"

namespace mien {
namespace {

const char* status_name(Status status) {
  return status == Status::kDecodeError ? "decode_error" : "ok";
}

Memory memory_of(const std::string& device) {
  if (device == "cpu") return Memory::kCpu;
  if (device == "cuda") return Memory::kCuda;
  throw OptionError("device: wanted cpu or cuda, got '" + device + "'");
}

// Iterates over the frames of a file as (index, time, status, RGB or None, sample aspect ratio of
// the RGB image).
class VideoReader {
 public:
  VideoReader(const std::filesystem::path& path, int every, double start, double end, int threads,
              const std::string& device, double fps, double sar, bool square)
      : source_(open_video(path.string(), ReadOptions{every, start, end, fps, sar}, threads,
                           memory_of(device))),
        is_square_(square) {
    if (memory_of(device) == Memory::kCuda) images_ = std::make_unique<DeviceImages>();
  }

  std::string decoder() const { return source_->decoder(); }
  std::vector<std::string> notes() const { return source_->notes()->get(); }

  py::tuple next() {
    Frame frame;
    bool more = false;
    {
      const ReleasedGil released;
      more = source_->next(frame);
    }
    if (!more) throw py::stop_iteration();
    py::object rgb = py::none();
    const double sar = is_square_ ? 1 : frame.view.sar;
    if (!is_square_) frame.view.sar = 1;  // no stretching
    if (frame.status != Status::kDecodeError) {
      rgb = images_ ? rgb_on_device(frame.view) : rgb_array(frame.view);
    }
    return py::make_tuple(frame.index, frame.time, status_name(frame.status), rgb, sar);
  }

 private:
  py::object rgb_on_device(const FrameView& frame) {
    DeviceImages::Image image;
    {
      const ReleasedGil released;
      image = images_->rgb24(frame);
    }
    return py::cast(DeviceArray(image));
  }

  std::unique_ptr<VideoSource> source_;
  std::unique_ptr<DeviceImages> images_;  // null: RGB in CPU memory
  const bool is_square_;
};

py::dict probe(const std::filesystem::path& path, double sar) {
  VideoInfo info;
  {
    const ReleasedGil released;
    info = probe_video(path.string(), {.sar = sar});
  }
  py::dict out;
  out["codec"] = info.codec;
  out["pixel_format"] = info.pixel_format;
  out["width"] = info.width;
  out["height"] = info.height;
  out["rotation"] = info.rotation;
  out["sar"] = info.sar;
  if (!info.stated_sar.empty()) out["ignored_sar"] = info.stated_sar;
  out["frame_rate"] = info.frame_rate;
  out["frames"] = info.frames;
  out["duration"] = info.duration;
  return out;
}

}  // namespace

void register_video(py::module_& m) {
  m.def("video_decoder_version", &video_decoder_version,
        "Version of the FFmpeg that was built in; empty where there is none.");
  m.def("probe_video", &probe, py::arg("path"), py::arg("sar") = 0.0,
        "Properties of a video file: codec, pixel_format, width and height as shown (square "
        "pixels), rotation (degrees clockwise), sar (sample aspect ratio of the stored pixels), "
        "ignored_sar (what the file says, if that can't be), frame_rate (1/s), frames and duration "
        "(s) as the container "
        "says, 0 where it does not.");
  const ReadOptions defaults;
  py::class_<VideoReader>(m, "VideoReader",
                          "Iterator over (index, time in seconds, 'ok' or 'decode_error', (height, "
                          "width, 3) uint8 RGB or None, its sample aspect ratio) of a video file's "
                          "frames; RGB is a DeviceArray with device=\"cuda\", and has the stored "
                          "pixels with square=False.")
      .def(py::init<const std::filesystem::path&, int, double, double, int, const std::string&,
                    double, double, bool>(),
           py::arg("path"), py::arg("every") = defaults.every, py::arg("start") = defaults.start,
           py::arg("end") = defaults.end, py::arg("threads") = 1, py::arg("device") = "cpu",
           py::arg("fps") = defaults.fps, py::arg("sar") = defaults.sar, py::arg("square") = true)
      .def_property_readonly("decoder", &VideoReader::decoder)
      .def_property_readonly("notes", &VideoReader::notes)
      .def("__iter__", [](py::object self) { return self; })
      .def("__next__", &VideoReader::next);
}

}  // namespace mien
