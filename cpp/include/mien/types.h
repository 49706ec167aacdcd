// Small value types shared by all steps.
//
// Note [Pixel coordinates]: the CENTRE of the first pixel is (0, 0), x to the right, y down, as in
// OpenCV's warpAffine. An image therefore spans [-0.5, width - 0.5). Landmarks, points and boxes
// in the table follow this.
//
// Note [Angles]: radians. Pitch is positive when the face looks up; Yaw and Roll are positive
// towards the subject's right, which is the viewer's left (small x). A head's rotation is
// Rz(Roll) Ry(Yaw) Rx(Pitch): Pitch turns first, so a turn of the image only adds to Roll.
#pragma once

#include <array>
#include <cstdint>

namespace mien {

struct Point {
  float x = 0;
  float y = 0;
};

// Left, top, width, height in pixels.
struct Box {
  float x = 0;
  float y = 0;
  float width = 0;
  float height = 0;
};

// Eye at the viewer's left, eye at the viewer's right, nose tip, mouth corner at the viewer's left,
// mouth corner at the viewer's right.
using Points5 = std::array<Point, 5>;

// x' = a*x - b*y + tx,  y' = b*x + a*y + ty: rotation, one scale, translation, no reflection.
struct Similarity {
  float a = 1;
  float b = 0;
  float tx = 0;
  float ty = 0;
};

// Why a row of the table has the values it has. `schema.py` holds the same names in the same order.
enum class Status : std::uint8_t {
  kOk,           // a face was found and described
  kNoFace,       // the frame was decoded and holds no face: all values NaN
  kDecodeError,  // the frame could not be decoded: all values NaN
  kLowQuality,   // a face was found, but its five points and its landmarks contradict each other
};

// Per-channel affine map from 0-255 pixels to a network's input: (pixel - mean) / std, in R, G, B
// order.
struct Normalization {
  std::array<float, 3> mean{0, 0, 0};
  std::array<float, 3> std{1, 1, 1};
};

}  // namespace mien
