// Times every step on one core and prints JSON with the machine's data. Results are checked first,
// so that a step which computes something else ends the run with an error.
//
//   mien_bench [SECONDS_PER_STEP]        environment: MIEN_ISA=baseline|avx2|avx512
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "align/warp.h"
#include "detect/letterbox.h"
#include "detect/priors.h"
#include "image/pixels.h"
#include "image/similarity.h"
#include "readout/columns.h"
#include "readout/readout.h"
#include "runtime/build_info.h"
#include "runtime/simd.h"
#include "track/tracker.h"

namespace mien {
namespace {

using Clock = std::chrono::steady_clock;

struct Timing {
  std::string name;
  double median_us;
  double best_us;
};

void require(bool ok, const std::string& what) {
  if (!ok) throw std::runtime_error("wrong answer: " + what);
}

Timing measure(const std::string& name, double seconds, const std::function<void()>& step) {
  constexpr int kWarmUps = 10;
  for (int i = 0; i < kWarmUps; ++i) step();
  std::vector<double> us;
  const Clock::time_point end = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                                   std::chrono::duration<double>(seconds));
  while (Clock::now() < end || us.size() < 5) {
    const Clock::time_point start = Clock::now();
    step();
    us.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
  }
  std::sort(us.begin(), us.end());
  return {name, us[us.size() / 2], us.front()};
}

// A 4:2:0 frame of noise and the RGB array made from it.
struct Frames {
  Frames(int width, int height) : bytes(static_cast<std::size_t>(width * height * 2)) {
    std::mt19937 random(1);
    for (std::uint8_t& b : bytes) b = static_cast<std::uint8_t>(random());
    const int chroma = (width + 1) / 2;
    const std::uint8_t* u = bytes.data() + width * height;
    yuv.width = rgb.width = width;
    yuv.height = rgb.height = height;
    yuv.model = ColorModel::kYuv;
    yuv.chroma_shift_x = yuv.chroma_shift_y = 1;
    yuv.planes[0] = {bytes.data(), width, 1};
    yuv.planes[1] = {u, chroma, 1};
    yuv.planes[2] = {u + chroma * ((height + 1) / 2), chroma, 1};
    pixels.resize(static_cast<std::size_t>(3 * width * height));
    to_rgb24(yuv, pixels.data());
    for (int c = 0; c < 3; ++c) rgb.planes[c] = {pixels.data() + c, 3 * width, 3};
  }
  std::vector<std::uint8_t> bytes, pixels;
  FrameView yuv, rgb;
};

const Normalization kNormalization{{127.5f, 127.5f, 127.5f}, {128, 128, 128}};

// A step must give the same values for the frame and for its RGB array, on the chosen instruction
// set and on the baseline.
void require_same(const std::string& name, std::size_t values, const Frames& frames,
                  const std::function<void(const FrameView&, float*)>& step) {
  std::vector<float> fast(values), array(values), plain(values);
  step(frames.yuv, fast.data());
  step(frames.rgb, array.data());
  const Isa chosen = active_isa();
  limit_isa(Isa::kBaseline);
  step(frames.yuv, plain.data());
  limit_isa(chosen);
  require(fast == array, name + ": a frame and its RGB array differ");
  require(fast == plain, name + ": instruction sets differ");
  const auto [low, high] = std::minmax_element(fast.begin(), fast.end());
  require(*low >= -1 && *high <= 1 && *high - *low > 0.5f, name + ": values out of range");
}

void time_pixels(int width, int height, double seconds, std::vector<Timing>& timings) {
  const Frames frames(width, height);
  const std::string size = std::to_string(width) + "x" + std::to_string(height);
  const LetterboxPlan plan = plan_letterbox(width, height, 320, 32);
  std::vector<float> out(
      static_cast<std::size_t>(3 * std::max(plan.width * plan.height, 112 * 112)));
  const auto run_letterbox = [&](const FrameView& f, float* to) {
    letterbox(f, plan, kNormalization, 114, to);
  };
  require_same("letterbox", static_cast<std::size_t>(3 * plan.width * plan.height), frames,
               run_letterbox);
  const Similarity s{0.55f * std::cos(0.2f), 0.55f * std::sin(0.2f), -80, -70};
  const auto run_warp = [&](const FrameView& f, float* to) {
    warp(f, s, 112, kNormalization, 114, to);
  };
  require_same("warp", 3 * 112 * 112, frames, run_warp);
  for (const auto& [kind, view] :
       {std::pair{"yuv420", &frames.yuv}, std::pair{"rgb24", &frames.rgb}}) {
    timings.push_back(measure(std::string("letterbox_") + kind + "_" + size, seconds,
                              [&, f = view] { run_letterbox(*f, out.data()); }));
    timings.push_back(measure(std::string("warp_") + kind + "_" + size, seconds,
                              [&, f = view] { run_warp(*f, out.data()); }));
  }
}

void time_decoding(double seconds, std::vector<Timing>& timings) {
  DetectorInfo info;
  info.strides = {8, 16, 32};
  info.min_sizes = {{16, 32}, {64, 128}, {256, 512}};
  info.variances = {0.1f, 0.2f};
  const LetterboxPlan plan = plan_letterbox(640, 360, 320, 32);
  const std::vector<Prior> priors = make_priors(info, plan.width, plan.height);
  std::vector<float> scores(priors.size(), -6), boxes(4 * priors.size()),
      points(10 * priors.size());
  for (std::size_t i = 0; i < 40; ++i) scores[1000 + i] = 2;  // as a face does at many priors
  FaceBatch faces;
  const auto decode = [&] {
    faces.clear();
    decode_faces({scores.data(), boxes.data(), points.data()}, priors, info, plan, {0.5f, 0.4f, 64},
                 0, faces);
  };
  decode();
  require(faces.size() > 1 && faces.size() < 40, "decode_faces");
  timings.push_back(measure("decode_faces_2520_priors", seconds, decode));
}

void time_tracking(double seconds, std::vector<Timing>& timings) {
  Tracker tracker;
  FaceBatch faces;
  for (int i = 0; i < 8; ++i) faces.add(0, {100.0f * static_cast<float>(i), 10, 60, 60}, 1, {});
  std::int64_t frame = 0;
  const auto update = [&] {
    tracker.update(frame, static_cast<double>(frame) / 30, faces, 0, faces.size());
    ++frame;
  };
  update();
  timings.push_back(measure("tracker_8_faces", seconds, update));
  for (int i = 0; i < 8; ++i) {
    require(faces.track[static_cast<std::size_t>(i)] == i, "tracker: a number changed");
  }
}

void time_alignment(double seconds, std::vector<Timing>& timings) {
  const Points5 to{{{41, 38}, {71, 38}, {56, 55.2f}, {43.5f, 72.8f}, {68.5f, 72.8f}}};
  Points5 from;
  for (std::size_t i = 0; i < to.size(); ++i) from[i] = apply({0.5f, 0.2f, 40, 30}, to[i]);
  Similarity fit;
  timings.push_back(measure("fit_similarity", seconds, [&] { fit = fit_similarity(from, to); }));
  const Point back = apply(fit, from[2]);
  require(std::abs(back.x - 56) < 1e-3f && std::abs(back.y - 55.2f) < 1e-3f, "fit_similarity");
}

void time_readout(double seconds, std::vector<Timing>& timings) {
  BehaviourInfo info;
  HeadInfo landmarks;
  landmarks.name = "landmarks";
  landmarks.columns = landmark_columns();
  HeadInfo pose;
  pose.name = "pose";
  pose.columns = {"Pitch", "Roll", "Yaw"};
  info.heads = {landmarks, pose};
  const Readout readout(info);
  const std::vector<float> marks(136, 56), angles(3, 0.1f);
  Frame frame;
  FaceBatch faces;
  faces.add(0, {0, 0, 10, 10}, 1, {});
  std::vector<float> row(readout.columns().size());
  const std::vector<TensorView> heads{{marks.data(), 1, 136}, {angles.data(), 1, 3}};
  ResultBatch results;
  const auto append = [&] {
    results = {};
    readout.read(heads, 0, {0.5f, 0, 0, 0}, row.data());
    readout.append(frame, faces, 0, 1, row.data(), results);
  };
  timings.push_back(measure("readout_1_face", seconds, append));
  require(results.rows() == 1 && results.values[5] == 112, "readout");
}

std::string processor() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    if (line.rfind("model name", 0) == 0) return line.substr(line.find(':') + 2);
  }
  return "unknown";
}

void print(const std::vector<Timing>& timings, double seconds) {
  std::printf("{\n  \"machine\": {\"processor\": \"%s\", \"isa\": \"%s\", \"compiler\": \"%s\"},\n",
              processor().c_str(), isa_name(active_isa()), compiler().c_str());
  std::printf("  \"threads\": 1,\n  \"seconds_per_step\": %g,\n  \"steps\": {\n", seconds);
  for (std::size_t i = 0; i < timings.size(); ++i) {
    std::printf("    \"%s\": {\"median_us\": %.3f, \"best_us\": %.3f}%s\n", timings[i].name.c_str(),
                timings[i].median_us, timings[i].best_us, i + 1 < timings.size() ? "," : "");
  }
  std::printf("  }\n}\n");
}

int run(double seconds) {
  std::vector<Timing> timings;
  for (const auto& [width, height] : {std::pair{640, 360}, std::pair{1280, 720}}) {
    time_pixels(width, height, seconds, timings);
  }
  time_decoding(seconds, timings);
  time_tracking(seconds, timings);
  time_alignment(seconds, timings);
  time_readout(seconds, timings);
  print(timings, seconds);
  return 0;
}

}  // namespace
}  // namespace mien

int main(int argc, char** argv) {
  try {
    return mien::run(argc > 1 ? std::atof(argv[1]) : 0.5);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "mien_bench: %s\n", e.what());
    return 1;
  }
}
