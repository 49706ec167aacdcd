// The expensive steps of a worker, on the CPU or on a CUDA device. On a device, pixels never leave
// its memory.
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

// What the behaviour network says about the faces of a FaceBatch, in its order.
struct DescribedBatch {
  CropBatch crops;
  std::vector<CropSample> samples;
  std::vector<float> rows;  // (faces, columns), finished by the readout
};

// Belongs to one worker; not thread-safe. Positions refer to the frames of the last take().
class Backend {
 public:
  using Frames = std::span<const Frame>;

  virtual ~Backend() = default;
  // Sets the frames of the calls below. They must stay valid until the next take().
  virtual void take(Frames frames) = 0;
  // Appends the faces of the frames at `positions` to `faces`, frame by frame, best score first.
  // The frames must be decoded and share `plan`.
  virtual void detect(std::span<const int> positions, const LetterboxPlan& plan,
                      FaceBatch& faces) = 0;
  // Replaces `found` by the faces in square crops of this side (a multiple of the detector's),
  // which `frame_to_crop` cuts out of the frame at `position`; `frame` of a face is its crop, and
  // its coordinates are the crop's.
  virtual void detect_in_crops(int position, std::span<const Similarity> frame_to_crop, int side,
                               FaceBatch& found) = 0;
  // Fills samples and rows of faces [first, first + count) from the similarities in `described`.
  virtual void describe(const FaceBatch& faces, std::size_t first, std::size_t count,
                        DescribedBatch& described) = 0;
};

// 0, 1, ..., count - 1: positions of the crops of detect_in_crops.
std::vector<int> crop_numbers(std::size_t count);

std::unique_ptr<Backend> make_cpu_backend(const Networks& networks);
// Throws ProviderError where the CUDA parts were not built.
std::unique_ptr<Backend> make_cuda_backend(const Networks& networks);

}  // namespace mien
