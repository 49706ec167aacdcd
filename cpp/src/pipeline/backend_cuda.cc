#include <cstdint>
#include <map>
#include <memory>
#include <utility>

#include "align/warp_cuda.h"
#include "detect/decode_cuda.h"
#include "detect/letterbox_cuda.h"
#include "device/device.h"
#include "image/quantized_input_cuda.h"
#include "infer/model_info.h"
#include "pipeline/backend.h"
#include "pipeline/binding_cache.h"
#include "readout/readout_cuda.h"
#include "track/crop_sample_cuda.h"

namespace mien {
namespace {

// Frames are uploaded once (or are on the device already); per face, its box and points, its
// finished row and the sample of its crop are downloaded. Each worker has its own stream, which is
// synchronized before a network runs: ONNX Runtime uses streams of its own and waits for them
// before it returns. Meanwhile the device runs what other workers have queued.
class CudaBackend final : public Backend {
 public:
  explicit CudaBackend(const Networks& networks)
      : networks_(networks),
        detector_(networks.detector_session, Binding::Memory::kProvider),
        behaviour_(networks.behaviour_session, Binding::Memory::kProvider),
        readout_(networks.readout),
        crops_(crop_floats()),
        rows_(batch_size() * networks.readout.columns().size()),
        samples_(batch_size() * kSampleSize) {}

  void take(Frames frames) override;
  void detect(std::span<const int> positions, const LetterboxPlan& plan, FaceBatch& faces) override;
  void detect_in_crops(int position, std::span<const Similarity> frame_to_crop, int side,
                       FaceBatch& found) override;
  void describe(const FaceBatch& faces, std::size_t first, std::size_t count,
                DescribedBatch& described) override;

 private:
  void find_faces(Binding& binding, std::span<const int> positions, const LetterboxPlan& plan,
                  const DecodeOptions& options, FaceBatch& faces);
  static constexpr std::size_t kSampleSize = std::tuple_size_v<CropSample>;

  std::size_t batch_size() const { return static_cast<std::size_t>(networks_.options.batch_size); }
  std::size_t crop_floats() const {
    const std::size_t side = static_cast<std::size_t>(networks_.behaviour.size);
    return networks_.behaviour.bytes ? batch_size() * 3 * side * side : 1;
  }
  DeviceDecoder& decoder(const LetterboxPlan& plan);
  void run(Binding& binding, Step step);

  const Networks& networks_;
  DeviceFrames frames_;
  BindingCache detector_;
  BindingCache behaviour_;
  DeviceReadout readout_;
  DeviceFloats crops_;                                     // unused unless the network takes bytes
  DeviceFloats rows_;                                      // of a batch, before the download
  DeviceFloats samples_;                                   // likewise
  std::map<std::pair<int, int>, DeviceDecoder> decoders_;  // by network input size
};

void CudaBackend::take(Frames frames) {
  const StepTimer timer(networks_.profile.get(), Step::kUpload);
  std::vector<FrameView> views;
  for (const Frame& frame : frames) views.push_back(frame.view);  // empty where not decoded
  frames_.upload(views);
}

DeviceDecoder& CudaBackend::decoder(const LetterboxPlan& plan) {
  const std::pair size{plan.width, plan.height};
  const auto found = decoders_.find(size);
  if (found != decoders_.end()) return found->second;
  return decoders_.emplace(size, DeviceDecoder(networks_.detector, plan.width, plan.height))
      .first->second;
}

void CudaBackend::run(Binding& binding, Step step) {
  const StepTimer timer(networks_.profile.get(), step);
  frames_.synchronize();
  binding.run();
}

void CudaBackend::detect(std::span<const int> positions, const LetterboxPlan& plan,
                         FaceBatch& faces) {
  const DetectorInfo& info = networks_.detector;
  Profile* const profile = networks_.profile.get();
  Binding& binding =
      detector_.get({static_cast<std::int64_t>(positions.size()), 3, plan.height, plan.width});
  {
    const StepTimer timer(profile, Step::kLetterbox);
    letterbox_cuda(frames_, positions, plan, info.normalization, info.border, binding.input());
  }
  find_faces(binding, positions, plan, networks_.decode_options(), faces);
}

void CudaBackend::detect_in_crops(int position, std::span<const Similarity> frame_to_crop, int side,
                                  FaceBatch& found) {
  const DetectorInfo& info = networks_.detector;
  const std::vector<int> frame(frame_to_crop.size(), position);
  Binding& binding =
      detector_.get({static_cast<std::int64_t>(frame_to_crop.size()), 3, side, side});
  {
    const StepTimer timer(networks_.profile.get(), Step::kPatches);
    warp_cuda(frames_, frame, frame_to_crop, side, info.normalization, info.border,
              binding.input());
  }
  found.clear();
  find_faces(binding, crop_numbers(frame_to_crop.size()), plan_of_crop(side),
             networks_.decode_options_in_crops(), found);
}

void CudaBackend::find_faces(Binding& binding, std::span<const int> positions,
                             const LetterboxPlan& plan, const DecodeOptions& options,
                             FaceBatch& faces) {
  const DetectorInfo& info = networks_.detector;
  run(binding, Step::kDetect);
  const StepTimer timer(networks_.profile.get(), Step::kDecodeFaces);
  decoder(plan).decode(frames_,
                       {binding.output(info.scores_output), binding.output(info.boxes_output),
                        binding.output(info.points_output)},
                       plan, options, positions, faces);
}

void CudaBackend::describe(const FaceBatch& faces, std::size_t first, std::size_t count,
                           DescribedBatch& described) {
  const BehaviourInfo& info = networks_.behaviour;
  Profile* const profile = networks_.profile.get();
  const std::span of_faces(faces.frame.data() + first, count);
  const std::span similarities(described.crops.frame_to_crop.data() + first, count);
  Binding& binding = behaviour_.get(input_shape(info, count));
  float* const crops = info.bytes ? crops_.data() : binding.input();
  {
    const StepTimer timer(profile, Step::kWarp);
    warp_cuda(frames_, of_faces, similarities, info.size, info.normalization, info.border, crops);
  }
  if (info.bytes) {
    to_bytes_cuda(frames_, crops, count, info.size, *info.bytes, binding.input_bytes());
  }
  sample_crops_cuda(frames_, crops, count, info.size, samples_.data());
  run(binding, Step::kBehaviour);
  const StepTimer timer(profile, Step::kReadout);
  std::vector<TensorView> heads;
  for (const HeadInfo& head : info.heads) {
    heads.push_back({binding.output(head.output), count, head.columns.size()});
  }
  readout_.read(frames_, heads, similarities, rows_.data());
  const std::size_t columns = networks_.readout.columns().size();
  rows_.download(frames_, count * columns, described.rows.data() + first * columns);
  samples_.download(frames_, count * kSampleSize, described.samples[first].data());
  frames_.synchronize();
}

}  // namespace

std::unique_ptr<Backend> make_cuda_backend(const Networks& networks) {
  return std::make_unique<CudaBackend>(networks);
}

}  // namespace mien
