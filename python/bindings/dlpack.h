// The C structs by which array libraries hand memory to each other, as DLPack 1.0 lays them out,
// and the older ones without a version. A capsule's name says which it holds, and that it was
// taken.
#pragma once

#include <cstdint>

namespace mien::dlpack {

constexpr const char* kName = "dltensor";
constexpr const char* kTaken = "used_dltensor";
constexpr const char* kVersionedName = "dltensor_versioned";
constexpr const char* kVersionedTaken = "used_dltensor_versioned";

constexpr std::int32_t kCuda = 2;
constexpr std::int32_t kCudaManaged = 13;  // memory that host and device share

struct Device {
  std::int32_t type;
  std::int32_t number;
};

enum class Code : std::uint8_t { kInt, kUnsigned, kFloat, kOpaque, kBrainFloat, kComplex, kBool };
struct DataType {
  Code code;
  std::uint8_t bits;
  std::uint16_t lanes;
};

struct Tensor {
  void* data;
  Device device;
  std::int32_t dimensions;
  DataType type;
  std::int64_t* shape;
  std::int64_t* strides;  // in elements; null: rows without gaps
  std::uint64_t byte_offset;
};

// Whoever takes it calls `deleter` once, when done.
struct Managed {
  Tensor tensor;
  void* manager;
  void (*deleter)(Managed*);
};

struct Version {
  std::uint32_t major;
  std::uint32_t minor;
};
struct ManagedVersioned {
  Version version;
  void* manager;
  void (*deleter)(ManagedVersioned*);
  std::uint64_t flags;
  Tensor tensor;
};

}  // namespace mien::dlpack
