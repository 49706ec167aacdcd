// Where pixels of networks' inputs come from: letterbox and warp of any image, through any numbers.
#include <cmath>
#include <vector>

#include "align/warp.h"
#include "detect/letterbox.h"
#include "image/similarity.h"
#include "view.h"

namespace {

using mien::fuzz::require;

void require_pixels(const std::vector<float>& values) {
  for (const float value : values)
    require(value >= -0.01f && value <= 255.01f, "a sample is a grey level");
}

void letterbox(mien::fuzz::Input& input, const mien::FrameView& view) {
  const int multiple = input.between(1, 64);
  const int side = input.between(multiple, multiple + 128);
  const mien::LetterboxPlan plan = mien::plan_letterbox(view.width, view.height, side, multiple);
  require(plan.content_width >= 1 && plan.content_width <= plan.width, "a content's width");
  require(plan.content_height >= 1 && plan.content_height <= plan.height, "a content's height");
  require(plan.width % multiple == 0 && plan.height % multiple == 0, "sides are multiples");
  std::vector<float> out(std::size_t{3} * static_cast<std::size_t>(plan.width * plan.height), -1);
  mien::letterbox(view, plan, {}, 127, out.data());
  require_pixels(out);
}

void warp(mien::fuzz::Input& input, const mien::FrameView& view) {
  mien::Points5 from{};
  mien::Points5 to{};
  const bool is_plain = input.flip();
  const auto number = [&] {
    return is_plain ? static_cast<float>(input.between(-500, 500)) / 7 : input.take<float>();
  };
  for (std::size_t i = 0; i < from.size(); ++i) {
    from[i] = {number(), number()};
    to[i] = {static_cast<float>(input.between(0, 63)), static_cast<float>(input.between(0, 63))};
  }
  const mien::Similarity similarity =
      input.flip() ? mien::fit_similarity(from, to)
                   : mien::Similarity{number(), number(), number(), number()};
  const int size = input.between(1, 64);
  std::vector<float> out(static_cast<std::size_t>(3 * size * size), -1);
  mien::warp(view, similarity, size, {}, 127, out.data());
  require_pixels(out);
}

}  // namespace

MIEN_FUZZ_TARGET(geometry)(mien::fuzz::Bytes bytes) {
  mien::fuzz::Input input(bytes);
  const bool is_warp = input.flip();
  const mien::fuzz::Image image = mien::fuzz::take_image(input);
  if (is_warp) {
    warp(input, image.view);
  } else {
    letterbox(input, image.view);
  }
}
