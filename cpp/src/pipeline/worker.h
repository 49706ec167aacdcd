// One worker's run state and the three parts of its work: find the faces of a batch, describe them,
// read out what was described.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "detect/letterbox.h"
#include "detect/priors.h"
#include "infer/session.h"
#include "mien/data.h"
#include "pipeline/networks.h"
#include "track/following.h"

namespace mien {

// Bindings by input shape, made when first needed. Batches run in chunks of 1, 2, 4, ... so that
// few shapes serve all sizes.
class BindingCache {
 public:
  explicit BindingCache(const Session& session) : session_(session) {}
  Binding& get(const std::vector<std::int64_t>& shape);

 private:
  const Session& session_;
  std::map<std::vector<std::int64_t>, Binding> bindings_;
};

class Worker {
 public:
  explicit Worker(const Networks& networks);

  using Frames = std::span<const Frame>;

  // Frames that are good -> faces (cleared first). Frames that are not are passed over.
  void localize(Frames frames, FaceBatch& faces);
  // Cuts faces out and runs the behaviour network over them. What it gave stays here until the next
  // call, for the four below.
  void describe(Frames frames, const FaceBatch& faces);
  // Rows of the frames, appended in their order; `faces` are those described last. Tracks are what
  // `faces` says, -1 until a tracker has seen them.
  void read_out(Frames frames, const FaceBatch& faces, ResultBatch& rows) const;
  const Similarity& frame_to_crop(std::size_t face) const { return crops_.frame_to_crop[face]; }
  Points5 five_points(std::size_t face) const;  // by the landmarks, frame pixels
  const CropSample& sample(std::size_t face) const { return samples_[face]; }

 private:
  void localize_chunk(Frames frames, const std::vector<int>& positions, const LetterboxPlan& plan,
                      FaceBatch& faces);
  void describe_chunk(Frames frames, const FaceBatch& faces, std::size_t first, std::size_t count);
  std::size_t chunk_size(std::size_t left) const;

  const Networks& networks_;
  BindingCache localization_;
  BindingCache behaviour_;
  std::map<std::pair<int, int>, std::vector<Prior>> priors_;  // by network input size
  CropBatch crops_;
  std::vector<CropSample> samples_;              // per face
  std::vector<std::vector<float>> head_values_;  // per head: (faces of the batch, columns)
  std::vector<TensorView> heads_;
};

}  // namespace mien
