#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "cuda/frames.h"
#include "cuda/launch.h"
#include "detect/decode.h"
#include "detect/decode_cuda.h"
#include "image/box.h"

namespace mien {
namespace {

// The order of candidates as one number: by score, then by prior, lower priors first. Scores are
// not negative, so their bits are ordered like their values. 0 is no candidate.
using Rank = unsigned long long;  // a type of atomicMax

__host__ __device__ Rank rank_of(float score, std::uint32_t prior) {
  return Rank{std::bit_cast<std::uint32_t>(score)} << 32 | (0xFFFFFFFFu - prior);
}
__host__ __device__ float score_at(Rank rank) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(rank >> 32));
}
__host__ __device__ std::uint32_t prior_at(Rank rank) {
  return 0xFFFFFFFFu - static_cast<std::uint32_t>(rank);
}

struct Candidate {
  Box box;  // network pixels
  Rank rank;
};

struct FoundFace {
  Box box;  // frame pixels
  float score;
  Point points[5];
};

// Arguments of the kernel; pointers into device memory.
struct Task {
  DetectorOutput output;
  const Prior* priors;
  std::uint32_t prior_count;
  Variances variances;
  LetterboxPlan plan;
  float least_logit;
  float nms_iou;
  std::uint32_t most_faces;
  Candidate* candidates;      // (frames, priors)
  std::uint32_t* face_count;  // (frames)
  FoundFace* faces;           // (frames, most_faces)
};

__host__ __device__ DetectorOutput of_frame(const Task& task, std::size_t frame) {
  const std::size_t first = frame * task.prior_count;
  return {task.output.scores + first, task.output.boxes + 4 * first,
          task.output.points + 10 * first};
}

// Returns false for a prior that is below the threshold (as NaN is) or not finite.
__host__ __device__ bool find_candidate(const Task& task, const DetectorOutput& output,
                                        std::uint32_t i, Candidate& candidate) {
  if (!(output.scores[i] >= task.least_logit)) return false;
  const Prior prior = task.priors[i];
  const Box box = decode_box(prior, output.boxes + std::size_t{4} * i, task.variances);
  if (!is_finite(box, prior, output.points + std::size_t{10} * i, task.variances)) return false;
  candidate = {box, rank_of(score_of(output.scores[i]), i)};
  return true;
}

__host__ __device__ FoundFace found_face(const Task& task, const DetectorOutput& output, Rank rank,
                                         const Box& box) {
  const std::uint32_t i = prior_at(rank);
  FoundFace face{to_frame(box, task.plan), score_at(rank), {}};
  for (std::size_t k = 0; k < 5; ++k) {
    face.points[k] = to_frame(
        decode_point(task.priors[i], output.points + std::size_t{10} * i, k, task.variances),
        task.plan);
  }
  return face;
}

constexpr unsigned kThreads = 256;

// One block per frame. Candidates are collected in any order, as their ranks define the result.
// Then, round by round, the best remaining candidate is kept and those that overlap it are dropped.
// Each thread owns the same candidates throughout, so a round needs one barrier only: the best of
// round k is in slot k mod 3, and the slot of round k + 2 is cleared in the meantime.
__global__ void decode_kernel(Task task) {
  const DetectorOutput output = of_frame(task, blockIdx.x);
  Candidate* candidates = task.candidates + std::size_t{blockIdx.x} * task.prior_count;
  FoundFace* faces = task.faces + std::size_t{blockIdx.x} * task.most_faces;
  __shared__ unsigned gathered;
  __shared__ Rank best[3];
  if (threadIdx.x == 0) gathered = 0;
  if (threadIdx.x < 3) best[threadIdx.x] = 0;
  __syncthreads();
  for (std::uint32_t i = threadIdx.x; i < task.prior_count; i += blockDim.x) {
    Candidate candidate;
    if (find_candidate(task, output, i, candidate)) candidates[atomicAdd(&gathered, 1)] = candidate;
  }
  __syncthreads();
  std::uint32_t kept = 0;
  for (; kept < task.most_faces; ++kept) {
    Rank highest = 0;
    for (unsigned i = threadIdx.x; i < gathered; i += blockDim.x) {
      highest = std::max(highest, candidates[i].rank);
    }
    if (highest > 0) atomicMax(&best[kept % 3], highest);
    __syncthreads();
    const Rank chosen = best[kept % 3];
    if (chosen == 0) break;
    const std::uint32_t prior = prior_at(chosen);
    const Box box =
        decode_box(task.priors[prior], output.boxes + std::size_t{4} * prior, task.variances);
    if (threadIdx.x == 0) {
      faces[kept] = found_face(task, output, chosen, box);
      best[(kept + 2) % 3] = 0;
    }
    for (unsigned i = threadIdx.x; i < gathered; i += blockDim.x) {
      Candidate& other = candidates[i];
      if (other.rank == chosen || intersection_over_union(other.box, box) > task.nms_iou) {
        other.rank = 0;
      }
    }
  }
  if (threadIdx.x == 0) task.face_count[blockIdx.x] = kept;
}

}  // namespace

class DeviceDecoder::Impl {
 public:
  Impl(const DetectorInfo& info, int width, int height)
      : variances_{info.variances[0], info.variances[1]},
        priors_(make_priors(info, width, height)) {}

  void decode(const DeviceFrames& frames, const DetectorOutput& output, const LetterboxPlan& plan,
              const DecodeOptions& options, std::span<const int> positions, FaceBatch& faces) {
    const cuda::Stream& stream = frames.impl().stream();
    if (positions.empty()) return;
    if (priors_on_device_.size() == 0) {
      priors_on_device_.upload(priors_.data(), priors_.size(), stream.get());
    }
    const std::size_t most = std::min(static_cast<std::size_t>(options.max_faces), priors_.size());
    candidates_.resize(positions.size() * priors_.size());
    face_count_.resize(positions.size());
    faces_.resize(positions.size() * most);
    const Task task{output,
                    priors_on_device_.data(),
                    static_cast<std::uint32_t>(priors_.size()),
                    variances_,
                    plan,
                    least_logit(options.score_threshold),
                    options.nms_iou,
                    static_cast<std::uint32_t>(most),
                    candidates_.data(),
                    face_count_.data(),
                    faces_.data()};
    MIEN_CUDA_LAUNCH(decode_kernel, dim3(static_cast<unsigned>(positions.size())), dim3(kThreads),
                     stream.get(), task);
    fetch(stream, positions.size(), most);
    for (std::size_t f = 0; f < positions.size(); ++f) append(f, positions[f], faces);
  }

 private:
  // Copies back the numbers of faces, then as many faces per frame as the fullest frame has.
  void fetch(const cuda::Stream& stream, std::size_t frames, std::size_t most) {
    counts_.resize(frames);
    face_count_.download(counts_.data(), stream.get());
    stream.synchronize();
    width_ = *std::max_element(counts_.begin(), counts_.end());
    found_.resize(frames * width_);
    if (found_.empty()) return;
    MIEN_CUDA_CHECK(cudaMemcpy2DAsync(found_.data(), width_ * sizeof(FoundFace), faces_.data(),
                                      most * sizeof(FoundFace), width_ * sizeof(FoundFace), frames,
                                      cudaMemcpyDeviceToHost, stream.get()));
    stream.synchronize();
  }

  void append(std::size_t f, int position, FaceBatch& faces) const {
    for (std::size_t i = 0; i < counts_[f]; ++i) {
      const FoundFace& found = found_[f * width_ + i];
      Points5 points;
      std::copy(std::begin(found.points), std::end(found.points), points.begin());
      faces.add(position, found.box, found.score, points);
    }
  }

  Variances variances_;
  std::vector<Prior> priors_;
  cuda::DeviceBuffer<Prior> priors_on_device_;
  cuda::DeviceBuffer<Candidate> candidates_;
  cuda::DeviceBuffer<std::uint32_t> face_count_;
  cuda::DeviceBuffer<FoundFace> faces_;
  std::vector<std::uint32_t> counts_;
  std::vector<FoundFace> found_;  // (frames, width_)
  std::size_t width_ = 0;
};

DeviceDecoder::DeviceDecoder(const DetectorInfo& info, int width, int height)
    : impl_(std::make_unique<Impl>(info, width, height)) {}
DeviceDecoder::~DeviceDecoder() = default;
DeviceDecoder::DeviceDecoder(DeviceDecoder&&) noexcept = default;

void DeviceDecoder::decode(const DeviceFrames& frames, const DetectorOutput& output,
                           const LetterboxPlan& plan, const DecodeOptions& options,
                           std::span<const int> positions, FaceBatch& faces) {
  impl_->decode(frames, output, plan, options, positions, faces);
}

}  // namespace mien
