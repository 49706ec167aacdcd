#include "video/nvdec_ffmpeg.h"

extern "C" {
// FFmpeg's header includes CUDA's, which may not be installed, unless this is defined. All it needs
// of CUDA are two handles.
#ifndef CUDA_VERSION
#define CUDA_VERSION 0
typedef struct CUctx_st* CUcontext;
typedef struct CUstream_st* CUstream;
#endif
#include <libavutil/hwcontext_cuda.h>
}

#include "device/device.h"
#include "device/dispatch.h"
#include "mien/error.h"

namespace mien::ffmpeg {
namespace {

// Frames that we hold at the same time: one returned by the decoder, one that is being copied.
constexpr int kHeldFrames = 2;

// Codecs whose decoding is bit-exact by their standard. For others (MPEG-2, MPEG-4 Part 2, VC-1,
// JPEG) a device's pixels may differ from the CPU's by a level, and they are fast to decode anyway.
bool is_exact(AVCodecID codec) {
  switch (codec) {
    case AV_CODEC_ID_H264:
    case AV_CODEC_ID_HEVC:
    case AV_CODEC_ID_VP8:
    case AV_CODEC_ID_VP9:
    case AV_CODEC_ID_AV1:
      return true;
    default:
      return false;
  }
}

bool decodes_on_cuda(const AVCodec& codec) {
  for (int i = 0;; ++i) {
    const AVCodecHWConfig* config = avcodec_get_hw_config(&codec, i);
    if (config == nullptr) return false;
    const bool by_device = (config->methods & AV_CODEC_HW_CONFIG_METHOD_HW_DEVICE_CTX) != 0;
    if (by_device && config->device_type == AV_HWDEVICE_TYPE_CUDA) return true;
  }
}

// If the device can't decode this stream, FFmpeg calls this again without the format that failed.
AVPixelFormat choose_format(AVCodecContext* context, const AVPixelFormat* formats) {
  for (const AVPixelFormat* format = formats; *format != AV_PIX_FMT_NONE; ++format) {
    if (*format == AV_PIX_FMT_CUDA) return AV_PIX_FMT_CUDA;
  }
  return avcodec_default_get_format(context, formats);
}

}  // namespace

// Not av_hwdevice_ctx_create(), which refuses a primary context that is in use already.
BufferPtr make_cuda_device() {
  if (cuda_device_names().empty()) {
    throw ProviderError(
        "decoding on a CUDA device: wanted a device that answers, got none; leave device at "
        "\"cpu\" to decode on the CPU");
  }
  BufferPtr device(av_hwdevice_ctx_alloc(AV_HWDEVICE_TYPE_CUDA));
  if (!device) return nullptr;
  auto* context = reinterpret_cast<AVHWDeviceContext*>(device->data);
  auto* cuda = static_cast<AVCUDADeviceContext*>(context->hwctx);
  cuda->cuda_ctx = static_cast<CUcontext>(cuda_context());
  cuda->stream = nullptr;  // the legacy default stream (device/device.h, Note [Order of work])
  const int result = av_hwdevice_ctx_init(device.get());
  if (result < 0) {
    throw ProviderError(
        "decoding on a CUDA device: wanted an FFmpeg that can use the device; got: " +
        error_text(result));
  }
  return device;
}

const AVCodec* find_cuda_decoder(AVCodecID codec) {
  if (!is_exact(codec)) return nullptr;
  void* place = nullptr;
  while (const AVCodec* candidate = av_codec_iterate(&place)) {
    // The "cuvid" decoders also use NVDEC, but treat time stamps differently.
    const bool is_wrapper = (candidate->capabilities & AV_CODEC_CAP_HARDWARE) != 0;
    if (av_codec_is_decoder(candidate) && candidate->id == codec && !is_wrapper &&
        decodes_on_cuda(*candidate)) {
      return candidate;
    }
  }
  return nullptr;
}

void decode_on(AVBufferRef* device, AVCodecContext& context) {
  context.hw_device_ctx = av_buffer_ref(device);
  if (context.hw_device_ctx == nullptr) throw std::bad_alloc();
  context.extra_hw_frames = kHeldFrames;
  context.get_format = choose_format;
}

}  // namespace mien::ffmpeg
