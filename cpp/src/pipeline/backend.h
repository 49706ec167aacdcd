// The heavy steps of a worker, where it runs: on the host, or on a CUDA device whose memory the
// pixels then never leave.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "detect/letterbox.h"
#include "mien/data.h"
#include "pipeline/networks.h"
#include "track/crop_sample.h"

namespace mien {

// Faces of a FaceBatch, in its order, as the behaviour network sees them.
struct DescribedBatch {
  CropBatch crops;
  std::vector<CropSample> samples;
  std::vector<float> rows;  // (faces, columns), finished by the readout
};

// One worker's; not thread-safe. Positions are those of the frames taken last.
class Backend {
 public:
  using Frames = std::span<const Frame>;

  virtual ~Backend() = default;
  // The frames that the calls below speak of. They must stay until the next call.
  virtual void take(Frames frames) = 0;
  // Finds the faces of the good frames at `positions`, which share `plan`: appended to `faces`,
  // frame by frame, best score first.
  virtual void localize(std::span<const int> positions, const LetterboxPlan& plan,
                        FaceBatch& faces) = 0;
  // Fills samples and rows of faces [first, first + count), whose similarities are there already.
  virtual void describe(const FaceBatch& faces, std::size_t first, std::size_t count,
                        DescribedBatch& described) = 0;
};

std::unique_ptr<Backend> make_cpu_backend(const Networks& networks);
// Throws ProviderError where the CUDA parts were not built.
std::unique_ptr<Backend> make_cuda_backend(const Networks& networks);

}  // namespace mien
