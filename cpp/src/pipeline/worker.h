// pipeline/: connects the steps to the engine. A worker detects the faces of its frames, describes
// them with the behaviour network and reads out rows, in batches for its Backend. Not thread-safe.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "detect/turned.h"
#include "mien/data.h"
#include "pipeline/backend.h"
#include "pipeline/networks.h"

namespace mien {

class Worker {
 public:
  explicit Worker(const Networks& networks);

  using Frames = Backend::Frames;
  using Positions = std::span<const int>;  // of frames, rising

  // Sets the frames of the calls below. They must stay valid until the next take().
  void take(Frames frames);
  const Frame& frame(int position) const { return frames_[static_cast<std::size_t>(position)]; }

  // Replaces `faces` by the faces of the frames at `positions`. Frames that could not be decoded
  // are skipped. `images`: as in StreamOptions.
  void detect(Positions positions, bool images, FaceBatch& faces);
  // Crops the faces and runs the behaviour network on them; replaces the contents of `described`.
  void describe(const FaceBatch& faces, DescribedBatch& described);
  // Appends the rows of the frames at `positions`, in their order. Track numbers are those of
  // `faces`, -1 before tracking.
  void read_out(Positions positions, const FaceBatch& faces, const DescribedBatch& described,
                ResultBatch& rows) const;
  // All three steps, for frames that are independent of each other.
  void analyze(Positions positions, bool images, FaceBatch& faces, ResultBatch& rows);

 private:
  void detect_at(int side, Positions positions, FaceBatch& faces);
  void settle_points(FaceBatch& faces);
  // Fills `count` of the views of a face, from this turn on.
  void look_at_patches(const FaceBatch& faces, std::size_t face, int first_turn, int count,
                       std::span<TurnedView, kTurns> views);
  void flag_contradictions(const DescribedBatch& described, FaceBatch& faces) const;
  void detect_alike(Positions positions, const LetterboxPlan& plan, FaceBatch& faces);
  std::size_t chunk_size(std::size_t left) const;

  const Networks& networks_;
  std::unique_ptr<Backend> backend_;
  Frames frames_;
};

}  // namespace mien
