#include <algorithm>
#include <cstdint>
#include <map>
#include <numeric>
#include <utility>

#include "align/warp.h"
#include "detect/priors.h"
#include "image/pixels.h"
#include "image/quantized_input.h"
#include "infer/model_info.h"
#include "mien/buffer.h"
#include "pipeline/backend.h"
#include "pipeline/binding_cache.h"

namespace mien {
namespace {

class CpuBackend final : public Backend {
 public:
  explicit CpuBackend(const Networks& networks)
      : networks_(networks),
        detector_(networks.detector_session, Binding::Memory::kCpu),
        behaviour_(networks.behaviour_session, Binding::Memory::kCpu) {}

  void take(Frames frames) override {
    for (const Frame& frame : frames) require_cpu(frame.view);
    frames_ = frames;
  }
  void detect(std::span<const int> positions, const LetterboxPlan& plan, FaceBatch& faces) override;
  void detect_in_crops(int position, std::span<const Similarity> frame_to_crop, int side,
                       FaceBatch& found) override;
  void describe(const FaceBatch& faces, std::size_t first, std::size_t count,
                DescribedBatch& described) override;

 private:
  // Runs the network on its bound input, and appends the faces of image i with `positions[i]`.
  void find_faces(Binding& binding, std::span<const int> positions, const LetterboxPlan& plan,
                  const DecodeOptions& options, FaceBatch& faces);
  const std::vector<Prior>& priors(const LetterboxPlan& plan);
  void cut_out(const FaceBatch& faces, std::size_t first, std::size_t count, Binding& binding,
               DescribedBatch& described);

  const Networks& networks_;
  Frames frames_;
  BindingCache detector_;
  BindingCache behaviour_;
  Buffer<float> floats_;  // a crop; unused unless the network takes bytes
  std::map<std::pair<int, int>, std::vector<Prior>> priors_;  // by network input size
};

const std::vector<Prior>& CpuBackend::priors(const LetterboxPlan& plan) {
  const auto [at, is_new] = priors_.try_emplace({plan.width, plan.height});
  if (is_new) at->second = make_priors(networks_.detector, plan.width, plan.height);
  return at->second;
}

void CpuBackend::detect(std::span<const int> positions, const LetterboxPlan& plan,
                        FaceBatch& faces) {
  const DetectorInfo& info = networks_.detector;
  Profile* const profile = networks_.profile.get();
  const std::size_t pixels = std::size_t{3} * static_cast<std::size_t>(plan.width * plan.height);
  Binding& binding =
      detector_.get({static_cast<std::int64_t>(positions.size()), 3, plan.height, plan.width});
  for (std::size_t i = 0; i < positions.size(); ++i) {
    const StepTimer timer(profile, Step::kLetterbox);
    letterbox(frames_[positions[i]].view, plan, info.normalization, info.border,
              binding.input() + i * pixels);
  }
  find_faces(binding, positions, plan, networks_.decode_options(), faces);
}

void CpuBackend::detect_in_crops(int position, std::span<const Similarity> frame_to_crop, int side,
                                 FaceBatch& found) {
  const DetectorInfo& info = networks_.detector;
  const std::size_t pixels = std::size_t{3} * static_cast<std::size_t>(side * side);
  Binding& binding =
      detector_.get({static_cast<std::int64_t>(frame_to_crop.size()), 3, side, side});
  for (std::size_t i = 0; i < frame_to_crop.size(); ++i) {
    const StepTimer timer(networks_.profile.get(), Step::kPatches);
    warp(frames_[position].view, frame_to_crop[i], side, info.normalization, info.border,
         binding.input() + i * pixels);
  }
  found.clear();
  find_faces(binding, crop_numbers(frame_to_crop.size()), plan_of_crop(side),
             networks_.decode_options_in_crops(), found);
}

void CpuBackend::find_faces(Binding& binding, std::span<const int> positions,
                            const LetterboxPlan& plan, const DecodeOptions& options,
                            FaceBatch& faces) {
  const DetectorInfo& info = networks_.detector;
  Profile* const profile = networks_.profile.get();
  const std::vector<Prior>& priors = this->priors(plan);
  {
    const StepTimer timer(profile, Step::kDetect);
    binding.run();
  }
  for (std::size_t i = 0; i < positions.size(); ++i) {
    const StepTimer timer(profile, Step::kDecodeFaces);
    const DetectorOutput output{binding.output(info.scores_output) + i * priors.size(),
                                binding.output(info.boxes_output) + i * priors.size() * 4,
                                binding.output(info.points_output) + i * priors.size() * 10};
    decode_faces(output, priors, info, plan, options, positions[i], faces);
  }
}

void CpuBackend::cut_out(const FaceBatch& faces, std::size_t first, std::size_t count,
                         Binding& binding, DescribedBatch& described) {
  const BehaviourInfo& info = networks_.behaviour;
  const std::size_t pixels = std::size_t{3} * static_cast<std::size_t>(info.size * info.size);
  if (info.bytes) floats_.resize(pixels);
  for (std::size_t i = 0; i < count; ++i) {
    const StepTimer timer(networks_.profile.get(), Step::kWarp);
    const std::size_t face = first + i;
    const FrameView& view = frames_[faces.frame[face]].view;
    const Similarity& similarity = described.crops.frame_to_crop[face];
    float* const crop = info.bytes ? floats_.data() : binding.input() + i * pixels;
    warp(view, similarity, info.size, info.normalization, info.border, crop);
    described.samples[face] = sample_crop(crop, info.size);
    if (info.bytes) to_bytes(crop, info.size, *info.bytes, binding.input_bytes() + i * pixels);
  }
}

void CpuBackend::describe(const FaceBatch& faces, std::size_t first, std::size_t count,
                          DescribedBatch& described) {
  const BehaviourInfo& info = networks_.behaviour;
  Binding& binding = behaviour_.get(input_shape(info, count));
  cut_out(faces, first, count, binding, described);
  {
    const StepTimer timer(networks_.profile.get(), Step::kBehaviour);
    binding.run();
  }
  const StepTimer timer(networks_.profile.get(), Step::kReadout);
  std::vector<TensorView> heads;
  for (const HeadInfo& head : info.heads) {
    heads.push_back({binding.output(head.output), count, head.columns.size()});
  }
  const std::size_t columns = networks_.readout.columns().size();
  for (std::size_t i = 0; i < count; ++i) {
    networks_.readout.read(heads, i, described.crops.frame_to_crop[first + i],
                           described.rows.data() + (first + i) * columns);
  }
}

}  // namespace

std::vector<int> crop_numbers(std::size_t count) {
  std::vector<int> numbers(count);
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

std::unique_ptr<Backend> make_cpu_backend(const Networks& networks) {
  return std::make_unique<CpuBackend>(networks);
}

}  // namespace mien
