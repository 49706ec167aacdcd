// What was built in, for `mien info`.
#include "bindings.h"
#include "device/dispatch.h"
#include "mien/video.h"
#include "runtime/build_info.h"
#include "runtime/simd.h"
#include "runtime/thread_pool.h"

namespace mien {

void register_build(py::module_& m) {
  m.def("build_info", [] {
    py::dict d;
    d["version"] = MIEN_VERSION;
    d["compiler"] = compiler();
    d["ffmpeg"] = video_decoder_version();
    d["cuda"] = cuda_built();
    d["cuda_is_emulated"] = cuda_is_emulated();
    return d;
  });
  m.def("cpu_info", [] {
    py::dict d;
    d["features"] = cpu_features();
    d["isa"] = isa_name(active_isa());
    d["cores"] = ThreadPool::available_cores();
    return d;
  });
  m.def("cuda_devices", &cuda_device_names);
}

}  // namespace mien
