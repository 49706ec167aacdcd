#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "cuda/frames.h"
#include "cuda/launch.h"
#include "mien/error.h"
#include "readout/columns.h"
#include "readout/readout_cuda.h"
#include "readout/values.h"

namespace mien {
namespace {

using Position = std::int32_t;  // of a column; -1 where there is none

struct Unit {
  Position whole, left, right;
};

// One output of the network and how it becomes columns of a row.
struct Head {
  const float* output;  // (faces, columns)
  std::int32_t columns;
  const Position* to;  // where each of them goes
  Activation activation;
  float scale;
  float offset;
};

constexpr std::size_t kMostHeads = 8;

struct Plan {
  Head heads[kMostHeads];
  std::int32_t head_count;
  const Unit* units;
  std::int32_t unit_count;
  Position landmarks, roll, gaze_pitch, gaze_yaw;
  std::int32_t columns;
};

// Faces per launch: their similarities are passed as a kernel argument (4 KiB at most, together
// with the plan), which saves an upload.
constexpr std::size_t kFacesPerLaunch = 128;
struct Similarities {
  Similarity of_face[kFacesPerLaunch];
};
static_assert(sizeof(Similarities) + sizeof(Plan) <= 3072);

// The last part of the kernel has independent steps, each done by a group of these threads.
constexpr unsigned kThreads = 128;
constexpr unsigned kRollThread = 96;
constexpr unsigned kGazeThread = 127;
static_assert(kLandmarks <= kRollThread);

__device__ void read_head(const Head& head, const float* output, const Softmax& softmax,
                          float* row) {
  const bool is_softmax = head.activation == Activation::kSoftmax;
  for (auto i = static_cast<std::int32_t>(threadIdx.x); i < head.columns;
       i += static_cast<std::int32_t>(blockDim.x)) {
    const double value =
        is_softmax ? softmax_at(softmax, output[i]) : activate(head.activation, output[i]);
    row[head.to[i]] = static_cast<float>(value * head.scale + head.offset);
  }
}

__device__ void to_frame(const Plan& plan, const Similarity& frame_to_crop, float* row) {
  const unsigned t = threadIdx.x;
  for (auto i = static_cast<std::int32_t>(t); i < plan.unit_count;
       i += static_cast<std::int32_t>(blockDim.x)) {
    const Unit unit = plan.units[i];
    row[unit.whole] = std::max(row[unit.left], row[unit.right]);
  }
  if (plan.landmarks >= 0 && t < kLandmarks) {
    float* x = row + plan.landmarks + t;
    landmark_to_frame(frame_to_crop, x[0], x[kLandmarks]);
  }
  if (plan.roll >= 0 && t == kRollThread) {
    row[plan.roll] = static_cast<float>(wrap(row[plan.roll] + turn_of(frame_to_crop)));
  }
  if (plan.gaze_pitch >= 0 && t == kGazeThread) {
    turn_gaze(turn_of(frame_to_crop), row[plan.gaze_pitch], row[plan.gaze_yaw]);
  }
}

// One block per face: first the sums of its softmaxes, then all columns, then the values that need
// several columns or the similarity.
__global__ void read_kernel(const __grid_constant__ Plan plan,
                            const __grid_constant__ Similarities similarities, float* rows) {
  __shared__ Softmax softmax[kMostHeads];
  const std::size_t face = blockIdx.x;
  float* row = rows + face * plan.columns;
  if (threadIdx.x < static_cast<unsigned>(plan.head_count)) {
    const Head& head = plan.heads[threadIdx.x];
    if (head.activation == Activation::kSoftmax) {
      softmax[threadIdx.x] =
          softmax_of(head.output + face * head.columns, static_cast<std::size_t>(head.columns));
    }
  }
  __syncthreads();
  for (std::int32_t h = 0; h < plan.head_count; ++h) {
    const Head& head = plan.heads[h];
    read_head(head, head.output + face * head.columns, softmax[h], row);
  }
  __syncthreads();
  to_frame(plan, similarities.of_face[blockIdx.x], row);
}

Position position(std::size_t column) {
  return column == Readout::kNone ? -1 : static_cast<Position>(column);
}

}  // namespace

class DeviceReadout::Impl {
 public:
  explicit Impl(const Readout& readout) : readout_(readout) {
    const Readout::Plan& plan = readout.plan();
    if (plan.routes.size() > kMostHeads) {
      throw PackError("behaviour network: wanted at most " + std::to_string(kMostHeads) +
                      " heads, got " + std::to_string(plan.routes.size()));
    }
    for (const Readout::Route& route : plan.routes) {
      for (const std::size_t column : route.to) to_.push_back(position(column));
    }
    for (const Readout::SidedUnit& unit : plan.sided_units) {
      units_.push_back({position(unit.whole), position(unit.left), position(unit.right)});
    }
  }

  void read(const DeviceFrames& frames, const std::vector<TensorView>& heads,
            std::span<const Similarity> frame_to_crop, float* rows) {
    if (frame_to_crop.empty()) return;
    readout_.check_outputs(heads, frame_to_crop.size() - 1);
    const cudaStream_t stream = frames.impl().stream().get();
    upload(stream);
    const std::size_t columns = readout_.columns().size();
    for (std::size_t first = 0; first < frame_to_crop.size(); first += kFacesPerLaunch) {
      const std::size_t count = std::min(kFacesPerLaunch, frame_to_crop.size() - first);
      Similarities similarities{};
      std::copy_n(frame_to_crop.begin() + static_cast<std::ptrdiff_t>(first), count,
                  similarities.of_face);
      MIEN_CUDA_LAUNCH(read_kernel, dim3(static_cast<unsigned>(count)), dim3(kThreads), stream,
                       plan_of(heads, first), similarities, rows + first * columns);
    }
  }

 private:
  void upload(cudaStream_t stream) {
    if (to_on_device_.size() == to_.size()) return;
    to_on_device_.upload(to_.data(), to_.size(), stream);
    units_on_device_.upload(units_.data(), units_.size(), stream);
  }

  Plan plan_of(const std::vector<TensorView>& heads, std::size_t first_face) const {
    const Readout::Plan& from = readout_.plan();
    Plan plan{};
    const Position* to = to_on_device_.data();
    for (std::size_t h = 0; h < heads.size(); ++h) {
      const HeadInfo& head = from.routes[h].head;
      plan.heads[h] = {heads[h].data + first_face * heads[h].columns,
                       static_cast<std::int32_t>(heads[h].columns),
                       to,
                       head.activation,
                       head.scale,
                       head.offset};
      to += heads[h].columns;
    }
    plan.head_count = static_cast<std::int32_t>(heads.size());
    plan.units = units_on_device_.data();
    plan.unit_count = static_cast<std::int32_t>(units_.size());
    plan.landmarks = position(from.landmarks);
    plan.roll = position(from.roll);
    plan.gaze_pitch = position(from.gaze_pitch);
    plan.gaze_yaw = position(from.gaze_yaw);
    plan.columns = static_cast<std::int32_t>(readout_.columns().size());
    return plan;
  }

  const Readout& readout_;
  std::vector<Position> to_;  // of all heads' columns, one head after the other
  std::vector<Unit> units_;
  cuda::DeviceBuffer<Position> to_on_device_;
  cuda::DeviceBuffer<Unit> units_on_device_;
};

DeviceReadout::DeviceReadout(const Readout& readout) : impl_(std::make_unique<Impl>(readout)) {}
DeviceReadout::~DeviceReadout() = default;
DeviceReadout::DeviceReadout(DeviceReadout&&) noexcept = default;

void DeviceReadout::read(const DeviceFrames& frames, const std::vector<TensorView>& heads,
                         std::span<const Similarity> frame_to_crop, float* rows) {
  impl_->read(frames, heads, frame_to_crop, rows);
}

}  // namespace mien
