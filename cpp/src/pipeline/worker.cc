#include "pipeline/worker.h"

#include <algorithm>
#include <array>
#include <bit>

#include "detect/letterbox.h"
#include "detect/merge.h"
#include "image/five_points.h"
#include "image/similarity.h"
#include "image/square_pixels.h"

namespace mien {
namespace {

constexpr int kPatchSide = 128;  // pixels; with half of it, diagonal faces are confused

}  // namespace

Worker::Worker(const Networks& networks)
    : networks_(networks),
      backend_(networks.on_device() ? make_cuda_backend(networks) : make_cpu_backend(networks)) {}

// The largest power of two within `left` and the batch size.
std::size_t Worker::chunk_size(std::size_t left) const {
  return std::bit_floor(std::min(left, static_cast<std::size_t>(networks_.options.batch_size)));
}

void Worker::take(Frames frames) {
  frames_ = frames;
  backend_->take(frames);
}

void Worker::detect(Positions positions, bool images, FaceBatch& faces) {
  faces.clear();
  const std::vector<int>& sides = networks_.detection_sides(images);
  if (sides.size() == 1) {
    detect_at(sides[0], positions, faces);
  } else {
    std::vector<FaceBatch> looks(sides.size());
    for (std::size_t i = 0; i < sides.size(); ++i) detect_at(sides[i], positions, looks[i]);
    merge_faces(looks, networks_.detector.nms_iou, networks_.options.max_faces, faces);
  }
  settle_points(faces);
}

void Worker::detect_at(int side, Positions positions, FaceBatch& faces) {
  std::vector<int> alike;  // consecutive decoded frames that share a letterbox plan
  LetterboxPlan plan;
  for (const int position : positions) {
    if (frame(position).status == Status::kDecodeError) continue;
    const ImageSize shown = shown_size(frame(position).view);
    const LetterboxPlan own =
        plan_letterbox(shown.width, shown.height, side, networks_.detector.multiple);
    if (!(own == plan)) {
      detect_alike(alike, plan, faces);
      alike.clear();
    }
    plan = own;
    alike.push_back(position);
  }
  detect_alike(alike, plan, faces);
}

// Faces that the detector is less sure of may be turned (detect/turned.h, Note [Turned faces]).
void Worker::settle_points(FaceBatch& faces) {
  for (std::size_t i = 0; i < faces.size(); ++i) {
    if (faces.score[i] >= networks_.detector.upright_score) continue;
    std::array<TurnedView, kTurns> views;
    look_at_patches(faces, i, 0, 1, views);
    if (is_clear(faces.points[i], views[0])) continue;
    look_at_patches(faces, i, 1, kTurns - 1, views);
    const SettledPoints settled = settle(faces.points[i], views);
    faces.points[i] = settled.points;
    faces.status[i] = settled.status;
  }
}

void Worker::look_at_patches(const FaceBatch& faces, std::size_t face, int first_turn, int count,
                             std::span<TurnedView, kTurns> views) {
  const int multiple = networks_.detector.multiple;
  const int side = plan_letterbox(kPatchSide, kPatchSide, kPatchSide, multiple).width;
  std::vector<Similarity> patches;
  for (int i = 0; i < count; ++i) {
    patches.push_back(turned_patch(faces.box[face], first_turn + i, side));
  }
  FaceBatch found;
  backend_->detect_in_crops(faces.frame[face], patches, side, found);
  for (int i = 0; i < count; ++i) {
    views[static_cast<std::size_t>(first_turn + i)] =
        best_in_patch(found, i, patches[static_cast<std::size_t>(i)], side);
  }
}

void Worker::detect_alike(Positions positions, const LetterboxPlan& plan, FaceBatch& faces) {
  while (!positions.empty()) {
    const std::size_t count = chunk_size(positions.size());
    backend_->detect(positions.first(count), plan, faces);
    positions = positions.subspan(count);
  }
}

void Worker::describe(const FaceBatch& faces, DescribedBatch& described) {
  described.crops.frame_to_crop.resize(faces.size());
  for (std::size_t i = 0; i < faces.size(); ++i) {
    described.crops.frame_to_crop[i] =
        fit_similarity(faces.points[i], networks_.behaviour.crop_template);
  }
  described.samples.resize(faces.size());
  described.rows.resize(faces.size() * networks_.readout.columns().size());
  for (std::size_t first = 0; first < faces.size();) {
    const std::size_t count = chunk_size(faces.size() - first);
    backend_->describe(faces, first, count, described);
    first += count;
  }
}

void Worker::read_out(Positions positions, const FaceBatch& faces, const DescribedBatch& described,
                      ResultBatch& rows) const {
  const StepTimer timer(networks_.profile.get(), Step::kReadout);
  std::size_t begin = 0;
  for (const int position : positions) {
    const std::size_t end = faces.end_of(position, begin);
    networks_.readout.append(frame(position), faces, begin, end, described.rows.data(), rows);
    begin = end;
  }
}

void Worker::flag_contradictions(const DescribedBatch& described, FaceBatch& faces) const {
  const Readout& readout = networks_.readout;
  if (!readout.has_landmarks()) return;
  for (std::size_t i = 0; i < faces.size(); ++i) {
    const float* const row = described.rows.data() + i * readout.columns().size();
    if (contradict(faces.points[i], readout.five_points(row))) {
      faces.status[i] = Status::kLowQuality;
    }
  }
}

void Worker::analyze(Positions positions, bool images, FaceBatch& faces, ResultBatch& rows) {
  DescribedBatch described;
  detect(positions, images, faces);
  describe(faces, described);
  flag_contradictions(described, faces);
  read_out(positions, faces, described, rows);
}

}  // namespace mien
