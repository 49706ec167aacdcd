#include "pipeline/worker.h"

#include <algorithm>
#include <bit>

#include "detect/letterbox.h"
#include "detect/merge.h"
#include "image/similarity.h"

namespace mien {

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
    return;
  }
  std::vector<FaceBatch> looks(sides.size());
  for (std::size_t i = 0; i < sides.size(); ++i) detect_at(sides[i], positions, looks[i]);
  merge_faces(looks, networks_.detector.nms_iou, networks_.options.max_faces, faces);
}

void Worker::detect_at(int side, Positions positions, FaceBatch& faces) {
  std::vector<int> alike;  // consecutive decoded frames that share a letterbox plan
  LetterboxPlan plan;
  for (const int position : positions) {
    if (frame(position).status == Status::kDecodeError) continue;
    const FrameView& view = frame(position).view;
    const LetterboxPlan own =
        plan_letterbox(view.width, view.height, side, networks_.detector.multiple);
    if (!(own == plan)) {
      detect_alike(alike, plan, faces);
      alike.clear();
    }
    plan = own;
    alike.push_back(position);
  }
  detect_alike(alike, plan, faces);
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

void Worker::analyze(Positions positions, bool images, FaceBatch& faces, ResultBatch& rows) {
  DescribedBatch described;
  detect(positions, images, faces);
  describe(faces, described);
  read_out(positions, faces, described, rows);
}

}  // namespace mien
