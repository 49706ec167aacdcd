// A C++ program over the engine: prints time, track and AU12 of every face of a video.
//
//   analyze_video PACK_FOLDER VIDEO
#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>

#include "mien/engine.h"
#include "mien/video.h"

namespace {

int analyze(const std::string& pack, const std::string& video) {
  mien::Engine engine({pack + "/localization.onnx", pack + "/behaviour.onnx"}, {.device = "cpu"});
  const auto& names = engine.columns();
  const auto au12 =
      static_cast<std::size_t>(std::find(names.begin(), names.end(), "AU12") - names.begin());
  if (au12 == names.size()) {
    std::fprintf(stderr, "this pack has no AU12\n");
    return 1;
  }
  const auto stream = engine.open(mien::open_video(video, mien::ReadOptions{}));
  while (const auto rows = stream->next(256)) {
    for (std::size_t i = 0; i < rows->rows(); ++i) {
      if (rows->status[i] != mien::Status::kOk) continue;
      std::printf("%.6f %d %.4f\n", rows->time[i], rows->track[i],
                  static_cast<double>(rows->values[i * rows->columns + au12]));
    }
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: analyze_video PACK_FOLDER VIDEO\n");
    return 2;
  }
  try {
    return analyze(argv[1], argv[2]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
