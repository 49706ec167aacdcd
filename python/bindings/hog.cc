// Histograms of oriented gradients of an image.
#include "features/hog.h"

#include "array.h"
#include "bindings.h"
#include "gil.h"
#include "mien/error.h"

namespace mien {
namespace {

// (H, W, 3) RGB, or (H, W) grey with 0-255 from black to white.
FrameView image_view(const py::array& image) {
  if (image.ndim() != 2) return rgb_view(image);
  return planes_view({image}, "gray", 0, 0, "601", true, static_cast<int>(image.shape(1)),
                     static_cast<int>(image.shape(0)));
}

// (blocks_y, blocks_x, block, block, orientations) float32.
py::array_t<float> run_hog(const py::array& image, int orientations, int cell, int block) {
  const FrameView view = image_view(image);
  const HogOptions options{orientations, cell, block};
  const HogGrid grid = hog_grid(view, options);
  std::vector<float> features;
  {
    const ReleasedGil released;
    features = hog(view, options);
  }
  return py::array_t<float>({grid.blocks_y, grid.blocks_x, block, block, orientations},
                            features.data());
}

}  // namespace

void register_hog(py::module_& m) {
  m.def("hog", &run_hog, py::arg("image"), py::arg("orientations"), py::arg("cell"),
        py::arg("block"));
}

}  // namespace mien
