// Engine, its streams, and the feed for frames that Python holds.
#include "mien/engine.h"

#include <pybind11/stl/filesystem.h>

#include <filesystem>
#include <limits>

#include "array.h"
#include "bindings.h"
#include "device_array.h"
#include "gil.h"
#include "mien/error.h"
#include "mien/video.h"
#include "open_stream.h"
#include "runtime/process.h"

namespace mien {
namespace {

template <typename T>
using Column = py::array_t<T, py::array::c_style | py::array::forcecast>;

FrameView with_sar(FrameView view, double sar) {
  view.sar = sar;
  return view;
}

// The engine with a count of the frames that analyze_frame has seen in this process.
class LiveEngine {
 public:
  LiveEngine(const std::filesystem::path& detector, const std::filesystem::path& behaviour,
             const EngineOptions& options)
      : engine_({detector.string(), behaviour.string()}, options) {}

  ResultBatch analyze_frame(const FrameView& rgb, double time, const std::string& detect) {
    if (counted_in_ != process_generation()) frames_ = 0;
    counted_in_ = process_generation();
    const Frame frame{frames_, time, Status::kNoFace, rgb, nullptr};
    ++frames_;
    const ReleasedGil released;
    return engine_.analyze_frame(frame, parse_detect(detect));
  }
  void reset() {
    frames_ = 0;
    const ReleasedGil released;
    engine_.reset();
  }
  std::unique_ptr<OpenStream> open_video(const std::filesystem::path& path,
                                         const ReadOptions& options, const StreamOptions& stream) {
    const ReleasedGil released;
    auto source = mien::open_video(path.string(), options, engine_.options().decoder_threads,
                                   engine_.takes_device_frames() ? Memory::kCuda : Memory::kCpu);
    std::string decoder = source->decoder();
    auto notes = source->notes();
    return std::make_unique<OpenStream>(engine_.open(std::move(source), stream), std::move(decoder),
                                        std::move(notes));
  }
  py::tuple open_feed(std::size_t capacity, const StreamOptions& options) {
    auto source = std::make_unique<QueueSource>(capacity);
    Feed feed(source->feed());
    auto stream = std::make_unique<OpenStream>(engine_.open(std::move(source), options));
    return py::make_tuple(py::cast(std::move(stream)), py::cast(std::move(feed)));
  }
  const Engine& engine() const { return engine_; }

 private:
  Engine engine_;
  std::int64_t frames_ = 0;
  std::uint64_t counted_in_ = process_generation();
};

py::dict describe(const DetectorInfo& info) {
  py::dict d;
  d["name"] = info.name;
  d["version"] = info.version;
  d["max_side"] = info.max_side;
  d["score_threshold"] = info.score_threshold;
  d["nms_iou"] = info.nms_iou;
  return d;
}

py::dict describe(const BehaviourInfo& info) {
  py::dict heads;
  for (const HeadInfo& head : info.heads) {
    py::dict d;
    d["columns"] = head.columns;
    d["unit"] = head.unit;
    d["range"] = head.range;
    heads[py::str(head.name)] = d;
  }
  py::dict d;
  d["name"] = info.name;
  d["version"] = info.version;
  d["size"] = info.size;
  d["heads"] = heads;
  return d;
}

void register_stream(py::module_& m) {
  py::class_<OpenStream>(m, "Stream")
      .def("next", &OpenStream::next, py::arg("frames"))
      .def("close", &OpenStream::close)
      .def_property_readonly("decoder", &OpenStream::decoder)
      .def_property_readonly("notes", &OpenStream::notes);
  py::class_<Feed>(m, "Feed")
      .def(
          "push_rgb",
          [](Feed& feed, std::int64_t index, double time, const DeviceArray& rgb, double sar) {
            return feed.push(index, time, with_sar(rgb.rgb_view(), sar), rgb.owner());
          },
          py::arg("index"), py::arg("time"), py::arg("rgb"), py::arg("sar") = 1.0)
      .def(
          "push_rgb",
          [](Feed& feed, std::int64_t index, double time, const py::array& rgb, double sar) {
            return feed.push(index, time, rgb_view(rgb, sar), keep_alive(rgb));
          },
          py::arg("index"), py::arg("time"), py::arg("rgb"), py::arg("sar") = 1.0)
      .def(
          "push_planes",
          [](Feed& feed, std::int64_t index, double time, const std::vector<py::array>& planes,
             const std::string& model, int chroma_shift_x, int chroma_shift_y,
             const std::string& matrix, bool full_range, int width, int height, double sar) {
            return feed.push(index, time,
                             planes_view(planes, model, chroma_shift_x, chroma_shift_y, matrix,
                                         full_range, width, height, sar),
                             keep_alive(py::cast(planes)));
          },
          py::arg("index"), py::arg("time"), py::arg("planes"), py::arg("model"),
          py::arg("chroma_shift_x"), py::arg("chroma_shift_y"), py::arg("matrix"),
          py::arg("full_range"), py::arg("width"), py::arg("height"), py::arg("sar") = 1.0)
      .def("push_lost", &Feed::push_lost, py::arg("index"), py::arg("time"))
      .def("close", &Feed::close);
}

// Rows of an earlier run; boxes are (rows, 4), the other arrays (rows,).
History make_history(const Column<std::int64_t>& frame, const Column<double>& time,
                     const Column<std::int32_t>& face, const Column<std::int32_t>& track,
                     const Column<float>& boxes) {
  const py::ssize_t rows = frame.size();
  if (time.size() != rows || face.size() != rows || track.size() != rows ||
      boxes.size() != 4 * rows) {
    throw InputError("after: wanted columns of one length, got another");
  }
  const auto copy = [](const auto& array, auto& to) {
    to.assign(array.data(), array.data() + array.size());
  };
  History history;
  copy(frame, history.frame);
  copy(time, history.time);
  copy(face, history.face);
  copy(track, history.track);
  for (py::ssize_t i = 0; i < rows; ++i) {
    const float* box = boxes.data() + 4 * i;
    history.box.push_back({box[0], box[1], box[2], box[3]});
  }
  return history;
}

void register_stream_options(py::module_& m) {
  py::class_<History>(m, "History")
      .def(py::init<>())
      .def(py::init(&make_history), py::arg("frame"), py::arg("time"), py::arg("face"),
           py::arg("track"), py::arg("boxes"));
  py::class_<StreamOptions>(m, "StreamOptions")
      .def(py::init([](const std::string& detect, const History& after, bool images) {
             return StreamOptions{parse_detect(detect), after, images};
           }),
           py::arg("detect") = "every", py::arg("after") = History{}, py::arg("images") = false);
}

}  // namespace

void register_engine(py::module_& m) {
  register_stream_options(m);
  register_stream(m);
  py::class_<LiveEngine>(m, "Engine")
      .def(py::init<const std::filesystem::path&, const std::filesystem::path&,
                    const EngineOptions&>(),
           py::arg("detector"), py::arg("behaviour"), py::arg("options") = EngineOptions{},
           py::call_guard<ReleasedGil>())
      .def_property_readonly("columns", [](const LiveEngine& e) { return e.engine().columns(); })
      .def_property_readonly("provider", [](const LiveEngine& e) { return e.engine().provider(); })
      .def_property_readonly("takes_device_frames",
                             [](const LiveEngine& e) { return e.engine().takes_device_frames(); })
      .def_property_readonly("options", [](const LiveEngine& e) { return e.engine().options(); })
      .def(
          "detection_sides",
          [](const LiveEngine& e, bool images) { return e.engine().detection_sides(images); },
          py::arg("images"))
      .def_property_readonly("detector",
                             [](const LiveEngine& e) { return describe(e.engine().detector()); })
      .def_property_readonly("behaviour",
                             [](const LiveEngine& e) { return describe(e.engine().behaviour()); })
      .def("profile",
           [](const LiveEngine& e) {
             py::list steps;
             for (const StepProfile& s : e.engine().profile()) {
               steps.append(py::make_tuple(s.step, s.calls, s.wall, s.cpu, s.allocations));
             }
             return steps;
           })
      // Not py::keep_alive<0, 1>(): that takes what a call gives even where an argument could not
      // be converted and nothing was given, and the process ends.
      .def(
          "open_video",
          [](const py::object& self, const std::filesystem::path& path, const ReadOptions& read,
             const StreamOptions& options) {
            py::object stream = py::cast(self.cast<LiveEngine&>().open_video(path, read, options));
            py::detail::keep_alive_impl(stream, self);  // it runs on the engine's threads
            return stream;
          },
          py::arg("path"), py::arg("options") = ReadOptions{}, py::arg("stream") = StreamOptions{})
      .def(
          "open_feed",
          [](const py::object& self, std::size_t capacity, const StreamOptions& options) {
            py::tuple pair = self.cast<LiveEngine&>().open_feed(capacity, options);
            py::detail::keep_alive_impl(pair[0], self);  // the stream runs on the engine's threads
            return pair;
          },
          py::arg("capacity"), py::arg("stream") = StreamOptions{})
      .def(
          "analyze_frame",
          [](LiveEngine& e, const DeviceArray& rgb, double time, const std::string& detect,
             double sar) { return e.analyze_frame(with_sar(rgb.rgb_view(), sar), time, detect); },
          py::arg("rgb"), py::arg("time") = std::numeric_limits<double>::quiet_NaN(),
          py::arg("detect") = "every", py::arg("sar") = 1.0)
      .def(
          "analyze_frame",
          [](LiveEngine& e, const py::array& rgb, double time, const std::string& detect,
             double sar) { return e.analyze_frame(rgb_view(rgb, sar), time, detect); },
          py::arg("rgb"), py::arg("time") = std::numeric_limits<double>::quiet_NaN(),
          py::arg("detect") = "every", py::arg("sar") = 1.0)
      .def("reset", &LiveEngine::reset);
}

}  // namespace mien
