#include "pipeline/worker.h"

#include <algorithm>
#include <bit>

#include "align/warp.h"
#include "core/similarity.h"

namespace mien {
namespace {

// Photographs of many shapes must not pile up buffers for ever.
constexpr std::size_t kMaxBindings = 48;

bool is_good(const Frame& frame) { return frame.status != Status::kDecodeError; }

}  // namespace

Binding& BindingCache::get(const std::vector<std::int64_t>& shape) {
  const auto found = bindings_.find(shape);
  if (found != bindings_.end()) return found->second;
  if (bindings_.size() >= kMaxBindings) bindings_.clear();
  return bindings_.emplace(shape, Binding(session_, shape)).first->second;
}

Worker::Worker(const Networks& networks)
    : networks_(networks),
      localization_(networks.localization_session),
      behaviour_(networks.behaviour_session),
      head_values_(networks.behaviour.heads.size()),
      heads_(networks.behaviour.heads.size()) {
  crops_.size = networks.behaviour.size;
}

// The largest power of two that is left to do and within the batch size.
std::size_t Worker::chunk_size(std::size_t left) const {
  return std::bit_floor(std::min(left, static_cast<std::size_t>(networks_.options.batch_size)));
}

void Worker::localize(Frames frames, FaceBatch& faces) {
  faces.clear();
  std::vector<int> positions;  // of consecutive good frames that share a letterbox plan
  LetterboxPlan plan;
  const auto flush = [&] {
    if (!positions.empty()) localize_chunk(frames, positions, plan, faces);
    positions.clear();
  };
  for (std::size_t i = 0; i < frames.size(); ++i) {
    if (!is_good(frames[i])) continue;
    const FrameView& view = frames[i].view;
    const LetterboxPlan own = plan_letterbox(
        view.width, view.height, networks_.options.detection_size, networks_.localization.multiple);
    if (!positions.empty() && !(own == plan)) flush();
    plan = own;
    positions.push_back(static_cast<int>(i));
  }
  flush();
}

void Worker::localize_chunk(Frames frames, const std::vector<int>& positions,
                            const LetterboxPlan& plan, FaceBatch& faces) {
  const LocalizationInfo& info = networks_.localization;
  auto [priors, is_new] = priors_.try_emplace({plan.width, plan.height});
  if (is_new) priors->second = make_priors(info, plan.width, plan.height);
  const std::size_t prior_count = priors->second.size();
  const std::size_t pixels = std::size_t{3} * static_cast<std::size_t>(plan.width * plan.height);
  const DecodeOptions decode{networks_.options.score_threshold, info.nms_iou,
                             networks_.options.max_faces};
  for (std::size_t first = 0; first < positions.size();) {
    const std::size_t count = chunk_size(positions.size() - first);
    Binding& binding =
        localization_.get({static_cast<std::int64_t>(count), 3, plan.height, plan.width});
    for (std::size_t i = 0; i < count; ++i) {
      letterbox(frames[positions[first + i]].view, plan, info.normalization, info.border,
                binding.input() + i * pixels);
    }
    binding.run();
    for (std::size_t i = 0; i < count; ++i) {
      const LocalizationOutput output{binding.output(info.scores_output) + i * prior_count,
                                      binding.output(info.boxes_output) + i * prior_count * 4,
                                      binding.output(info.points_output) + i * prior_count * 10};
      decode_faces(output, priors->second, info, plan, decode, positions[first + i], faces);
    }
    first += count;
  }
}

void Worker::describe(Frames frames, const FaceBatch& faces) {
  const BehaviourInfo& info = networks_.behaviour;
  crops_.frame_to_crop.resize(faces.size());
  for (std::size_t i = 0; i < faces.size(); ++i) {
    crops_.frame_to_crop[i] = fit_similarity(faces.points[i], info.crop_template);
  }
  samples_.resize(faces.size());
  for (std::size_t h = 0; h < heads_.size(); ++h) {
    head_values_[h].resize(faces.size() * info.heads[h].columns.size());
    heads_[h] = {head_values_[h].data(), faces.size(), info.heads[h].columns.size()};
  }
  for (std::size_t first = 0; first < faces.size();) {
    const std::size_t count = chunk_size(faces.size() - first);
    describe_chunk(frames, faces, first, count);
    first += count;
  }
}

void Worker::read_out(Frames frames, const FaceBatch& faces, ResultBatch& rows) const {
  std::size_t begin = 0;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const std::size_t end = faces.end_of(static_cast<int>(i), begin);
    networks_.readout.append(frames[i], faces, begin, end, crops_, heads_, rows);
    begin = end;
  }
}

Points5 Worker::five_points(std::size_t face) const {
  return networks_.readout.five_points(heads_, face, crops_.frame_to_crop[face]);
}

void Worker::describe_chunk(Frames frames, const FaceBatch& faces, std::size_t first,
                            std::size_t count) {
  const BehaviourInfo& info = networks_.behaviour;
  const std::size_t pixels = std::size_t{3} * static_cast<std::size_t>(info.size * info.size);
  Binding& binding = behaviour_.get({static_cast<std::int64_t>(count), 3, info.size, info.size});
  for (std::size_t i = 0; i < count; ++i) {
    warp(frames[faces.frame[first + i]].view, crops_.frame_to_crop[first + i], info.size,
         info.normalization, info.border, binding.input() + i * pixels);
    samples_[first + i] = sample_crop(binding.input() + i * pixels, info.size);
  }
  binding.run();
  for (std::size_t h = 0; h < heads_.size(); ++h) {
    const std::size_t columns = heads_[h].columns;
    const float* values = binding.output(info.heads[h].output);
    std::copy(values, values + count * columns, head_values_[h].data() + first * columns);
  }
}

}  // namespace mien
