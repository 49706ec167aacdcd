// What a pack's networks say of themselves: the ONNX container and its metadata.
#include <stdexcept>

#include "infer/external_data.h"
#include "infer/metadata_reader.h"
#include "mien/error.h"
#include "target.h"

namespace {

// The first byte tells how the rest is read.
mien::Metadata metadata_of(mien::fuzz::Input& input) {
  mien::Metadata metadata;
  for (int i = 0; i < 8 && !input.ended(); ++i) {
    const int size = input.between(0, 64);
    metadata["key" + std::to_string(i)] = input.text(static_cast<std::size_t>(size));
  }
  return metadata;
}

template <typename Read>
void try_to(const Read& read) {
  try {
    read();
  } catch (const mien::PackError&) {
  }
}

void read_everything(const mien::Metadata& metadata) {
  const std::string path = "fuzzed";
  const mien::MetadataReader reader(path, metadata);
  for (const auto& entry : metadata) {
    const std::string& key = entry.first;
    try_to([&] { mien::fuzz::require(!reader.text(key).empty(), "a text is not empty"); });
    try_to([&] {
      const int value = reader.integer(key, -5, 8192);
      mien::fuzz::require(value >= -5 && value <= 8192, "an integer is in its range");
    });
    try_to([&] {
      const float value = reader.number_or(key, 1);
      mien::fuzz::require(value - value == 0, "a number is finite");
    });
    try_to([&] { mien::fuzz::require(!reader.rows(key).empty(), "there are rows"); });
    try_to([&] { mien::fuzz::require(reader.numbers(key, 3).size() == 3, "three numbers"); });
    try_to([&] { mien::fuzz::require(!reader.names(key).empty(), "there are names"); });
  }
}

}  // namespace

MIEN_FUZZ_TARGET(pack)(mien::fuzz::Bytes bytes) {
  mien::fuzz::Input input(bytes);
  if (input.flip()) {
    read_everything(metadata_of(input));
    return;
  }
  try {
    mien::has_external_data(input.rest());
  } catch (const std::invalid_argument&) {
  }
}
