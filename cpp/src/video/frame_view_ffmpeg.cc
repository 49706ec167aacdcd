// Note [Colours of a frame]: the stream's own statements are used; where it makes none, both
// readers (FFmpeg and PyAV) assume the following.
// - Matrix: BT.601 if the smaller side is below 720 pixels, else BT.709, as players do. It is the
//   smaller side, because turning a video must not change its colours. SMPTE 240M is treated as
//   BT.709 (at most 3 grey levels apart).
// - Range: limited (16-235), but full for the yuvj formats (JPEG) and for grey.
// - Samples above 8 bits are rounded to 8 (high_bit_depth.h). Alpha is ignored.
// - Frames on a CUDA device are treated alike; what can't be done there is done on the CPU.
// - Layouts that a FrameView can't describe (palettes, packed bits, floating point, Bayer, XYZ) are
//   converted by libswscale.
#include "video/frame_view_ffmpeg.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "image/packed.h"
#include "mien/error.h"
#include "video/high_bit_depth.h"

namespace mien {
namespace {

enum class Layout { kBytes, kWords, kOther };

int color_components(const AVPixFmtDescriptor& format) { return format.nb_components >= 3 ? 3 : 1; }

bool is_rgb(const AVPixFmtDescriptor& format) { return (format.flags & AV_PIX_FMT_FLAG_RGB) != 0; }

Layout layout_of(AVPixelFormat id, const AVPixFmtDescriptor& format) {
  constexpr std::uint64_t kStrange = AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM |
                                     AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_BAYER |
                                     AV_PIX_FMT_FLAG_FLOAT | AV_PIX_FMT_FLAG_BE;
  const bool big_bytes =
      (format.flags & kStrange) == AV_PIX_FMT_FLAG_BE && format.comp[0].depth == 8;
  if ((format.flags & kStrange) != 0 && !big_bytes) return Layout::kOther;
  // Unevenly spaced luma; colours that are neither RGB nor YUV.
  if (id == AV_PIX_FMT_UYYVYY411 || std::strncmp(format.name, "xyz", 3) == 0) return Layout::kOther;
  const int depth = format.comp[0].depth;
  bool bytes = depth == 8;
  bool words = depth > 8 && depth <= 16;
  for (int i = 0; i < color_components(format); ++i) {
    const AVComponentDescriptor& c = format.comp[i];
    bytes = bytes && c.depth == depth && c.shift == 0;
    words = words && c.depth == depth && c.shift >= 0 && c.shift + c.depth <= 16;
  }
  return bytes ? Layout::kBytes : words ? Layout::kWords : Layout::kOther;
}

bool is_full_range(const AVFrame& frame, const AVPixFmtDescriptor& format) {
  if (std::strncmp(format.name, "yuvj", 4) == 0) return true;
  if (frame.color_range == AVCOL_RANGE_UNSPECIFIED) return format.nb_components < 3;
  return frame.color_range == AVCOL_RANGE_JPEG;
}

AVPixelFormat nearest_format(const AVPixFmtDescriptor& format) {
  constexpr std::uint64_t kColored =
      AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BAYER;
  if ((format.flags & kColored) != 0 || std::strncmp(format.name, "xyz", 3) == 0) {
    return AV_PIX_FMT_RGB24;
  }
  return format.nb_components < 3 ? AV_PIX_FMT_GRAY8 : AV_PIX_FMT_YUV444P;
}

std::size_t area(int width, int height) {
  return static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
}

}  // namespace

YuvMatrix FrameViewer::matrix_of(const AVFrame& frame) const {
  switch (frame.colorspace) {
    case AVCOL_SPC_BT709:
    case AVCOL_SPC_SMPTE240M:
      return YuvMatrix::kBt709;
    case AVCOL_SPC_BT470BG:
    case AVCOL_SPC_SMPTE170M:
    case AVCOL_SPC_FCC:
      return YuvMatrix::kBt601;
    case AVCOL_SPC_BT2020_NCL:
    case AVCOL_SPC_BT2020_CL:
      return YuvMatrix::kBt2020;
    case AVCOL_SPC_UNSPECIFIED:
    case AVCOL_SPC_RESERVED:
      return std::min(frame.width, frame.height) < 720 ? YuvMatrix::kBt601 : YuvMatrix::kBt709;
    default:
      break;
  }
  const char* name = av_color_space_name(frame.colorspace);
  throw InputError(
      path_ +
      ": its colours can't be converted; wanted the matrix of BT.601, BT.709 or BT.2020; got " +
      (name == nullptr ? std::to_string(frame.colorspace) : std::string(name)));
}

// The planes of the frame in place; for kWords only their strides, as the words are not rounded
// yet.
FrameView FrameViewer::describe(const AVFrame& frame, const AVPixFmtDescriptor& format) const {
  // FFmpeg crops the left and top edge of frames in CPU memory, but not of those on a device.
  const int left = static_cast<int>(frame.crop_left);
  const int top = static_cast<int>(frame.crop_top);
  FrameView view;
  view.width = frame.width - left;
  view.height = frame.height - top;
  view.full_range = is_full_range(frame, format);
  if (format.nb_components < 3) {
    view.model = ColorModel::kGray;
  } else if (is_rgb(format)) {
    view.model = ColorModel::kRgb;
  } else {
    view.model = ColorModel::kYuv;
    view.chroma_shift_x = format.log2_chroma_w;
    view.chroma_shift_y = format.log2_chroma_h;
    view.matrix = matrix_of(frame);
  }
  for (int i = 0; i < color_components(format); ++i) {
    const AVComponentDescriptor& c = format.comp[i];
    const int x = left >> (i == 0 ? 0 : view.chroma_shift_x);
    const int y = top >> (i == 0 ? 0 : view.chroma_shift_y);
    const std::ptrdiff_t row = frame.linesize[c.plane];
    view.planes[i] = {frame.data[c.plane] + c.offset + y * row + x * c.step, row, c.step};
  }
  return view;
}

void FrameViewer::view_high_bit_depth(const AVFrame& frame, const AVPixFmtDescriptor& format,
                                      Frame& out) {
  out.view = describe(frame, format);
  auto block = rounded_pool_.get(packed_size(out.view));
  for (int i = 0; i < plane_count(out.view); ++i) {
    const int width = plane_width(out.view, i);
    const int height = plane_height(out.view, i);
    Plane& plane = out.view.planes[i];
    round_to_8_bits({plane.data, plane.row_stride, plane.pixel_stride, format.comp[i].shift,
                     format.comp[i].depth},
                    width, height, block.data);
    plane = {block.data, width, 1};
    block.data += area(width, height);
  }
  out.owner = std::move(block.owner);
}

ffmpeg::FramePtr FrameViewer::convert(const AVFrame& frame, const AVPixFmtDescriptor& format) {
  ffmpeg::FramePtr plain = ffmpeg::make_frame();
  plain->width = frame.width;
  plain->height = frame.height;
  plain->format = nearest_format(format);
  plain->color_range = frame.color_range;
  plain->colorspace = frame.colorspace;
  if (av_frame_get_buffer(plain.get(), 0) < 0) throw std::bad_alloc();
  // Each pixel keeps the chroma sample that covers it (data.h, Note [One RGB]).
  scaler_.reset(sws_getCachedContext(scaler_.release(), frame.width, frame.height,
                                     static_cast<AVPixelFormat>(frame.format), frame.width,
                                     frame.height, static_cast<AVPixelFormat>(plain->format),
                                     SWS_POINT | SWS_ACCURATE_RND, nullptr, nullptr, nullptr));
  if (!scaler_) {
    throw InputError(
        path_ + ": its pixels can't be converted; wanted a format that libswscale reads; got " +
        format.name);
  }
  const int full = is_full_range(frame, format) ? 1 : 0;
  const int* coefficients = sws_getCoefficients(SWS_CS_DEFAULT);
  sws_setColorspaceDetails(scaler_.get(), coefficients, full, coefficients, full, 0, 1 << 16,
                           1 << 16);
  sws_scale(scaler_.get(), frame.data, frame.linesize, 0, frame.height, plain->data,
            plain->linesize);
  return plain;
}

// Limited-range grey becomes YUV with neutral chroma, as FrameView's grey is always 0-255.
void FrameViewer::expand_gray(Frame& out) {
  FrameView& view = out.view;
  const auto width = static_cast<std::size_t>(view.width);
  if (!neutral_ || neutral_->size() < width) {
    neutral_ = std::make_shared<Buffer<std::uint8_t>>(width);
    std::fill(neutral_->begin(), neutral_->end(), std::uint8_t{128});
  }
  view.model = ColorModel::kYuv;
  view.planes[1] = view.planes[2] = {neutral_->data(), 0, 1};
  out.owner = std::make_shared<std::pair<std::shared_ptr<const void>, std::shared_ptr<const void>>>(
      out.owner, neutral_);
}

// Returns nothing for what the device path does not support: unusual pixel formats, and mirroring
// along odd sides.
std::optional<FrameViewer::DeviceFrame> FrameViewer::describe_on_device(
    const AVFrame& frame, Orientation orientation) const {
  const auto* frames = reinterpret_cast<const AVHWFramesContext*>(frame.hw_frames_ctx->data);
  const AVPixelFormat stored = frames->sw_format;
  const AVPixFmtDescriptor* format = av_pix_fmt_desc_get(stored);
  const Layout layout = format == nullptr ? Layout::kOther : layout_of(stored, *format);
  if (layout == Layout::kOther || format->nb_components < 3) return std::nullopt;
  FrameView view = describe(frame, *format);
  view.memory = Memory::kCuda;
  const auto shown = turn_by_strides(view, orientation);
  if (!shown) return std::nullopt;
  return DeviceFrame{*shown, {format->comp[0].depth, format->comp[0].shift}};
}

bool FrameViewer::view_on_device(const AVFrame& frame, Orientation orientation, Frame& out) {
  const auto found = describe_on_device(frame, orientation);
  if (!found) return false;
  if (!device_images_) device_images_ = std::make_unique<DeviceImages>();
  auto image = device_images_->copy(found->view, found->depth);
  out.view = image.view;
  out.owner = std::move(image.owner);
  return true;
}

ffmpeg::FramePtr FrameViewer::download(const AVFrame& frame) const {
  ffmpeg::FramePtr copy = ffmpeg::make_frame();
  int result = av_hwframe_transfer_data(copy.get(), &frame, 0);
  if (result >= 0) result = av_frame_copy_props(copy.get(), &frame);
  if (result < 0) {
    throw ProviderError(path_ + ": a frame can't be copied from the CUDA device; got: " +
                        ffmpeg::error_text(result));
  }
  return copy;
}

void FrameViewer::view(ffmpeg::FramePtr frame, Orientation orientation, Frame& out) {
  if (frame->hw_frames_ctx != nullptr) {
    if (view_on_device(*frame, orientation, out)) return;
    frame = download(*frame);
  }
  auto id = static_cast<AVPixelFormat>(frame->format);
  const AVPixFmtDescriptor* format = av_pix_fmt_desc_get(id);
  if (format == nullptr) throw InputError(path_ + ": its frames have no known pixel format");
  Layout layout = layout_of(id, *format);
  if (layout == Layout::kOther) {
    frame = convert(*frame, *format);
    id = static_cast<AVPixelFormat>(frame->format);
    format = av_pix_fmt_desc_get(id);
    layout = Layout::kBytes;
  }
  if (layout == Layout::kWords) {
    view_high_bit_depth(*frame, *format, out);
  } else {
    out.view = describe(*frame, *format);
    out.owner = std::shared_ptr<const AVFrame>(std::move(frame));
  }
  if (out.view.model == ColorModel::kGray && !out.view.full_range) expand_gray(out);
  if (!orientation.upright()) {
    auto block = turn_pool_.get(turned_size(out.view, orientation));
    out.view = turn(out.view, orientation, block.data);
    out.owner = std::move(block.owner);
  }
}

}  // namespace mien
