// One worker's run state and the two halves of its work: find the faces of a batch, then describe
// them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "detect/letterbox.h"
#include "detect/priors.h"
#include "infer/session.h"
#include "mien/data.h"
#include "pipeline/networks.h"

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

  // Frames that are good -> faces (cleared first). Frames that are not are passed over.
  void localize(const FrameBatch& frames, FaceBatch& faces);
  // Faces with tracks -> rows, appended to `results` in frame order.
  void describe(const FrameBatch& frames, const FaceBatch& faces, ResultBatch& results);

 private:
  void localize_chunk(const FrameBatch& frames, const std::vector<int>& positions,
                      const LetterboxPlan& plan, FaceBatch& faces);
  void describe_chunk(const FrameBatch& frames, const FaceBatch& faces, std::size_t first,
                      std::size_t count);
  std::size_t chunk_size(std::size_t left) const;

  const Networks& networks_;
  BindingCache localization_;
  BindingCache behaviour_;
  std::map<std::pair<int, int>, std::vector<Prior>> priors_;  // by network input size
  CropBatch crops_;
  std::vector<std::vector<float>> head_values_;  // per head: (faces of the batch, columns)
  std::vector<TensorView> heads_;
};

}  // namespace mien
