#include "readout/readout.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "image/similarity.h"
#include "image/square_pixels.h"
#include "mien/error.h"
#include "readout/columns.h"
#include "readout/values.h"

namespace mien {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

void start_row(const Frame& frame, std::size_t columns, ResultBatch& results) {
  results.columns = columns;
  results.frame.push_back(frame.index);
  results.time.push_back(frame.time);
  results.values.resize(results.values.size() + columns, kNaN);
}

[[noreturn]] void fail(const std::string& what, std::size_t wanted, std::size_t got) {
  throw PackError("behaviour network: wanted " + std::to_string(wanted) + what + ", got " +
                  std::to_string(got));
}

}  // namespace

Readout::Readout(const BehaviourInfo& info) {
  for (const HeadInfo& head : info.heads) {
    check_head(head);
    for (const Route& other : plan_.routes) {
      if (other.head.name == head.name) {
        fail(" head " + head.name, 1, 2);
      }
    }
    plan_.routes.push_back({head, {}});
  }
  name_columns();
  route_heads();
}

void Readout::name_columns() {
  columns_ = {"FaceRectX", "FaceRectY", "FaceRectWidth", "FaceRectHeight", "FaceScore"};
  for (const char* name : {"landmarks", "pose", "action_units", "expression", "affect", "gaze"}) {
    for (const Route& route : plan_.routes) {
      if (route.head.name != name) continue;
      const std::vector<std::string> names = table_columns(route.head);
      columns_.insert(columns_.end(), names.begin(), names.end());
    }
  }
  plan_.frame_size = columns_.size();
  columns_.insert(columns_.end(), {"FrameHeight", "FrameWidth"});
}

void Readout::route_heads() {
  for (Route& route : plan_.routes) {
    for (const std::string& column : route.head.columns) {
      route.to.push_back(find(column));
      const ActionUnit unit = parse_action_unit(column);
      if (unit.side != 'L') continue;
      const std::string whole = column.substr(0, 4);
      plan_.sided_units.push_back({find(whole), find(column), find(whole + "_R")});
    }
  }
  plan_.landmarks = find("x_0");
  plan_.roll = find("Roll");
  plan_.gaze_pitch = find("gaze_pitch");
  plan_.gaze_yaw = find("gaze_yaw");
}

std::size_t Readout::find(const std::string& column) const {
  const auto at = std::find(columns_.begin(), columns_.end(), column);
  return at == columns_.end() ? kNone : static_cast<std::size_t>(at - columns_.begin());
}

void Readout::check_outputs(const std::vector<TensorView>& heads, std::size_t face) const {
  if (heads.size() != plan_.routes.size()) fail(" heads", plan_.routes.size(), heads.size());
  for (std::size_t h = 0; h < heads.size(); ++h) {
    const HeadInfo& head = plan_.routes[h].head;
    if (heads[h].rows <= face) fail(" rows of head " + head.name, face + 1, heads[h].rows);
    if (heads[h].columns != head.columns.size()) {
      fail(" columns of head " + head.name, head.columns.size(), heads[h].columns);
    }
  }
}

void Readout::read_head(const Route& route, const float* output, float* row) const {
  const HeadInfo& head = route.head;
  const std::size_t n = route.to.size();
  const bool is_softmax = head.activation == Activation::kSoftmax;
  const Softmax softmax = is_softmax ? softmax_of(output, n) : Softmax{};
  for (std::size_t i = 0; i < n; ++i) {
    const double value =
        is_softmax ? softmax_at(softmax, output[i]) : activate(head.activation, output[i]);
    row[route.to[i]] = static_cast<float>(value * head.scale + head.offset);
  }
}

void Readout::to_frame(const Similarity& frame_to_crop, float* row) const {
  for (const SidedUnit& unit : plan_.sided_units) {
    row[unit.whole] = std::max(row[unit.left], row[unit.right]);
  }
  const double turn = turn_of(frame_to_crop);
  if (plan_.roll != kNone) row[plan_.roll] = static_cast<float>(wrap(row[plan_.roll] + turn));
  if (plan_.gaze_pitch != kNone) turn_gaze(turn, row[plan_.gaze_pitch], row[plan_.gaze_yaw]);
  if (plan_.landmarks == kNone) return;
  for (int i = 0; i < kLandmarks; ++i) {
    landmark_to_frame(frame_to_crop, row[plan_.landmarks + i],
                      row[plan_.landmarks + kLandmarks + i]);
  }
}

void Readout::read(const std::vector<TensorView>& heads, std::size_t face,
                   const Similarity& frame_to_crop, float* row) const {
  check_outputs(heads, face);
  for (std::size_t h = 0; h < heads.size(); ++h) {
    read_head(plan_.routes[h], heads[h].data + face * heads[h].columns, row);
  }
  to_frame(frame_to_crop, row);
}

Points5 Readout::five_points(const float* row) const {
  // Each point is the mean of a range of landmarks.
  constexpr std::pair<int, int> kRanges[] = {{36, 42}, {42, 48}, {30, 31}, {48, 49}, {54, 55}};
  const float* xs = row + plan_.landmarks;
  const float* ys = xs + kLandmarks;
  Points5 points;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const auto [first, last] = kRanges[i];
    const float count = static_cast<float>(last - first);
    points[i] = {std::accumulate(xs + first, xs + last, 0.0f) / count,
                 std::accumulate(ys + first, ys + last, 0.0f) / count};
  }
  return points;
}

void Readout::append(const Frame& frame, const FaceBatch& faces, std::size_t begin, std::size_t end,
                     const float* rows, ResultBatch& results) const {
  const std::size_t columns = columns_.size();
  for (std::size_t f = begin; f < std::max(end, begin + 1); ++f) {
    const bool is_face = f < end;
    start_row(frame, columns, results);
    float* row = results.values.data() + results.values.size() - columns;
    if (is_face) {
      std::copy_n(rows + f * columns, columns, row);
      const Box& box = faces.box[f];
      const float found[] = {box.x, box.y, box.width, box.height, faces.score[f]};
      std::copy(std::begin(found), std::end(found), row);
    }
    if (frame.status != Status::kDecodeError) {
      const ImageSize shown = shown_size(frame.view);
      row[plan_.frame_size] = static_cast<float>(shown.height);
      row[plan_.frame_size + 1] = static_cast<float>(shown.width);
    }
    results.face.push_back(is_face ? static_cast<std::int32_t>(f - begin) : -1);
    results.track.push_back(is_face ? faces.track[f] : -1);
    results.status.push_back(is_face ? faces.status[f] : frame.status);
  }
}

}  // namespace mien
