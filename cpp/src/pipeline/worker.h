// One worker's run state and the three parts of its work: find the faces of its frames, describe
// them, read out what was described. Cuts the work into batches for the Backend that do it.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "mien/data.h"
#include "pipeline/backend.h"
#include "pipeline/networks.h"

namespace mien {

class Worker {
 public:
  explicit Worker(const Networks& networks);

  using Frames = Backend::Frames;
  using Positions = std::span<const int>;  // of frames, rising

  // The frames that the calls below speak of. They must stay until the next call.
  void take(Frames frames);
  const Frame& frame(int position) const { return frames_[static_cast<std::size_t>(position)]; }

  // The faces of the frames at `positions` -> faces (cleared first). Frames that are not good are
  // passed over.
  void localize(Positions positions, FaceBatch& faces);
  // Cuts faces out and runs the behaviour network over them -> described (cleared first).
  void describe(const FaceBatch& faces, DescribedBatch& described);
  // Rows of the frames at `positions`, appended in their order. Tracks are what `faces` says, -1
  // until a tracker has seen them.
  void read_out(Positions positions, const FaceBatch& faces, const DescribedBatch& described,
                ResultBatch& rows) const;
  // All three: each frame by itself, its faces found anew.
  void analyze(Positions positions, FaceBatch& faces, ResultBatch& rows);

 private:
  void localize_alike(Positions positions, const LetterboxPlan& plan, FaceBatch& faces);
  std::size_t chunk_size(std::size_t left) const;

  const Networks& networks_;
  std::unique_ptr<Backend> backend_;
  Frames frames_;
};

}  // namespace mien
