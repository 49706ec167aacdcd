// The data that flows through the steps: FrameBatch -> FaceBatch -> CropBatch -> network outputs ->
// ResultBatch. Each is a struct of arrays; data flows one way, and a step writes only the struct
// that it produces.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "mien/types.h"

namespace mien {

// One plane of 8-bit samples. Strides are in bytes and may be negative, so any NumPy view can be
// described.
struct Plane {
  const std::uint8_t* data = nullptr;
  std::ptrdiff_t row_stride = 0;
  std::ptrdiff_t pixel_stride = 1;
};

enum class ColorModel : std::uint8_t { kRgb, kYuv, kGray };
enum class YuvMatrix : std::uint8_t { kBt601, kBt709, kBt2020 };
// Where the planes are. Planes on a CUDA device can only be read by kernels.
enum class Memory : std::uint8_t { kCpu, kCuda };

// Note [Square pixels]: anamorphic video (HDV, AVCHD, DV) has pixels that aren't square. Boxes,
// points, similarities and the table are in square pixels of the image AS SHOWN: `sar` times as
// wide as it is stored, or, below 1, 1 / sar times as high (image/square_pixels.h). Only what
// samples an image knows how it is stored.

// An image, not owned. Planes are R, G, B or Y, U, V or grey alone; interleaved images are three
// planes with a pixel stride of 3 (RGB) or chroma with a pixel stride of 2 (NV12). Samples of more
// than 8 bits have been rounded to 8.
//
// Note [One RGB]: an image's RGB values are DEFINED as what image/pixels.h computes from it, in
// integers, with the chroma sample that covers the pixel (no interpolation). Letterbox and warp
// sample exactly these values, so a decoded frame and the RGB array made from it give the same
// table, bit for bit.
struct FrameView {
  int width = 0;
  int height = 0;
  ColorModel model = ColorModel::kRgb;
  Plane planes[3] = {};
  int chroma_shift_x = 0;  // chroma column = x >> chroma_shift_x
  int chroma_shift_y = 0;  // chroma row = y >> chroma_shift_y
  YuvMatrix matrix = YuvMatrix::kBt601;
  bool full_range = false;  // luma 0-255 rather than 16-235
  Memory memory = Memory::kCpu;
  double sar = 1;  // sample aspect ratio: width of a pixel through its height
};

// A frame of the input.
struct Frame {
  std::int64_t index = 0;  // counts the frames of the input from 0, analysed or not
  double time = 0;         // presentation time in seconds (the container's pts); NaN if unknown
  Status status = Status::kNoFace;  // kDecodeError: `view` is empty; otherwise it was decoded
  FrameView view;
  std::shared_ptr<const void> owner;  // keeps the pixels alive
};

using FrameBatch = std::vector<Frame>;

// Faces of a FrameBatch, ordered by frame, then by falling score. All vectors have the same length.
struct FaceBatch {
  std::vector<int> frame;       // position in the FrameBatch
  std::vector<Box> box;         // frame pixels, as are all below (Note [Square pixels])
  std::vector<float> score;     // probability, 0-1
  std::vector<Points5> points;  // frame pixels
  std::vector<int> track;       // filled by the tracker; -1 before
  std::vector<Status> status;   // kOk, or kLowQuality where the points can't be trusted

  std::size_t size() const { return frame.size(); }
  // One past the last face of the frame at `position`, if its faces start at `begin`.
  std::size_t end_of(int position, std::size_t begin) const {
    std::size_t end = begin;
    while (end < frame.size() && frame[end] == position) ++end;
    return end;
  }
  void clear() {
    frame.clear();
    box.clear();
    score.clear();
    points.clear();
    track.clear();
    status.clear();
  }
  void add(int frame_position, const Box& b, float s, const Points5& p, Status why = Status::kOk) {
    frame.push_back(frame_position);
    box.push_back(b);
    score.push_back(s);
    points.push_back(p);
    track.push_back(-1);
    status.push_back(why);
  }
  // Appends face i of `other`, without its track number.
  void add(const FaceBatch& other, std::size_t i) {
    add(other.frame[i], other.box[i], other.score[i], other.points[i], other.status[i]);
  }
  // Appends the faces of `other`, without track numbers.
  void append(const FaceBatch& other) {
    for (std::size_t i = 0; i < other.size(); ++i) add(other, i);
  }
};

// Aligned faces, one per face of a FaceBatch and in its order. Their pixels are written straight
// into the bound input of the behaviour network, or quantized on the way there (pack.h,
// QuantizedInput), and are kept nowhere else.
struct CropBatch {
  std::vector<Similarity> frame_to_crop;
};

// One output tensor of a network, (rows, columns), not owned.
struct TensorView {
  const float* data = nullptr;
  std::size_t rows = 0;
  std::size_t columns = 0;
};

// Rows of the table: one per face, and one per frame without a face. All vectors have the same
// length.
struct ResultBatch {
  std::size_t columns = 0;  // width of `values`; names are Readout::columns()
  std::vector<std::int64_t> frame;
  std::vector<double> time;         // seconds
  std::vector<std::int32_t> face;   // counts the faces of a frame from 0; -1 where there is none
  std::vector<std::int32_t> track;  // -1 where there is none
  std::vector<Status> status;
  std::vector<float> values;  // (rows, columns), row-major; NaN where there is no value

  std::size_t rows() const { return frame.size(); }
};

}  // namespace mien
