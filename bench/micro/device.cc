// Throughput of a GPU: the letterbox and warp kernels alone, and faces through warp, behaviour
// network and readout by one or more workers. Prints JSON.
//
//   mien_device_bench DETECTOR.onnx BEHAVIOUR.onnx [SECONDS_PER_CASE]
//
// For a kernel's achieved share of the memory's bandwidth:
//   ncu --set full --kernel-name regex:warp_kernel mien_device_bench ...
#include "device/device.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <numeric>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "align/warp_cuda.h"
#include "detect/letterbox_cuda.h"
#include "device/dispatch.h"
#include "pipeline/backend.h"
#include "pipeline/networks.h"

namespace mien {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kWidth = 1920;
constexpr int kHeight = 1080;
constexpr int kFrames = 32;

// Frames of 4:2:0 noise, and faces spread over them.
struct Scene {
  std::vector<std::uint8_t> pixels;
  std::vector<Frame> frames;
  FaceBatch faces;
  DescribedBatch described;
};

Scene make_scene(std::size_t faces, std::size_t columns) {
  std::mt19937 random(1);
  Scene scene;
  scene.pixels.resize(std::size_t{kWidth} * kHeight * 3 / 2);
  for (std::uint8_t& p : scene.pixels) p = static_cast<std::uint8_t>(random());
  const std::uint8_t* y = scene.pixels.data();
  const std::uint8_t* u = y + std::size_t{kWidth} * kHeight;
  Frame frame;
  frame.view = {.width = kWidth, .height = kHeight, .model = ColorModel::kYuv};
  frame.view.chroma_shift_x = frame.view.chroma_shift_y = 1;
  frame.view.planes[0] = {y, kWidth, 1};
  frame.view.planes[1] = {u, kWidth / 2, 1};
  frame.view.planes[2] = {u + std::size_t{kWidth} * kHeight / 4, kWidth / 2, 1};
  scene.frames.assign(kFrames, frame);
  std::uniform_real_distribution<float> place(100, 900);
  for (std::size_t i = 0; i < faces; ++i) {
    const int at = static_cast<int>(i * kFrames / faces);
    scene.faces.add(at, {}, 1, {});
    const float scale = 0.6f;  // a face of about 180 pixels
    scene.described.crops.frame_to_crop.push_back(
        {scale, 0.05f, -scale * place(random), -scale * place(random)});
  }
  scene.described.samples.resize(faces);
  scene.described.rows.resize(faces * columns);
  return scene;
}

// Calls per second of `turn`, which waits for its own work.
double rate(double seconds, const std::function<void()>& turn) {
  for (int i = 0; i < 3; ++i) turn();
  const Clock::time_point begun = Clock::now();
  int turns = 0;
  double took = 0;
  while (took < seconds) {
    turn();
    ++turns;
    took = std::chrono::duration<double>(Clock::now() - begun).count();
  }
  return turns / took;
}

void time_kernels(const Networks& networks, double seconds) {
  Scene scene = make_scene(512, 0);
  std::vector<FrameView> views;
  for (const Frame& frame : scene.frames) views.push_back(frame.view);
  DeviceFrames frames;
  frames.upload(views);
  const LetterboxPlan plan =
      plan_letterbox(kWidth, kHeight, networks.options.detection_size, networks.detector.multiple);
  std::vector<int> positions(kFrames);
  std::iota(positions.begin(), positions.end(), 0);
  const DeviceFloats inputs(std::size_t{kFrames} * 3 * static_cast<std::size_t>(plan.width) *
                            static_cast<std::size_t>(plan.height));
  const double letterboxes = kFrames * rate(seconds, [&] {
                               letterbox_cuda(frames, positions, plan, {}, 0, inputs.data());
                               frames.synchronize();
                             });
  const int size = networks.behaviour.size;
  const DeviceFloats crops(std::size_t{512} * 3 * static_cast<std::size_t>(size * size));
  const double warps = 512 * rate(seconds, [&] {
                         warp_cuda(frames, scene.faces.frame, scene.described.crops.frame_to_crop,
                                   size, {}, 0, crops.data());
                         frames.synchronize();
                       });
  std::printf("  \"letterboxes_per_second\": %.0f,\n  \"warps_per_second\": %.0f,\n", letterboxes,
              warps);
}

// Faces per second of `workers` threads with batches of `batch` on frames that are on the device.
double describe_rate(const Networks& networks, int workers, std::size_t batch, double seconds) {
  std::vector<double> rates(static_cast<std::size_t>(workers));
  std::vector<std::exception_ptr> errors(rates.size());
  std::vector<std::thread> threads;
  for (std::size_t w = 0; w < rates.size(); ++w) {
    threads.emplace_back([&, w] {
      try {
        const std::unique_ptr<Backend> backend = make_cuda_backend(networks);
        Scene scene = make_scene(batch, networks.readout.columns().size());
        backend->take(scene.frames);
        rates[w] = static_cast<double>(batch) * rate(seconds, [&] {
                     backend->describe(scene.faces, 0, batch, scene.described);
                   });
      } catch (...) {
        errors[w] = std::current_exception();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::exception_ptr& error : errors) {
    if (error) std::rethrow_exception(error);
  }
  return std::accumulate(rates.begin(), rates.end(), 0.0);
}

int run(const Pack& pack, double seconds) {
  const std::vector<std::string> devices = cuda_device_names();
  if (devices.empty()) throw std::runtime_error("wanted a CUDA device, got none");
  constexpr int kLargest = 512;
  const Networks networks(pack, {.device = "cuda", .batch_size = kLargest});
  std::printf("{\n  \"device\": \"%s\",\n", devices[0].c_str());
  time_kernels(networks, seconds);
  std::printf("  \"faces_per_second\": [");
  const char* separator = "";
  for (const int workers : {1, 2, 4}) {
    for (const int batch : {1, 8, 32, 128, kLargest}) {
      const double faces =
          describe_rate(networks, workers, static_cast<std::size_t>(batch), seconds);
      std::printf("%s\n    {\"workers\": %d, \"batch\": %d, \"rate\": %.0f}", separator, workers,
                  batch, faces);
      separator = ",";
    }
  }
  std::printf("\n  ]\n}\n");
  return 0;
}

}  // namespace
}  // namespace mien

int main(int argc, char** argv) {
  try {
    if (argc < 3) {
      throw std::runtime_error(
          "wanted DETECTOR.onnx BEHAVIOUR.onnx [SECONDS_PER_CASE], got too little");
    }
    return mien::run({argv[1], argv[2]}, argc > 3 ? std::atof(argv[3]) : 1.0);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "mien_device_bench: %s\n", e.what());
    return 1;
  }
}
