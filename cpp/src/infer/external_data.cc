#include "infer/external_data.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <vector>

#include "mien/error.h"

namespace mien {
namespace {

using Bytes = std::span<const std::uint8_t>;

// Messages of onnx.proto that lead to tensors.
enum class Message : std::uint8_t {
  kModel,
  kGraph,
  kNode,
  kAttribute,
  kSparseTensor,
  kFunction,
  kTraining,
  kTensor
};

struct Field {
  Message of;
  std::uint32_t number;
  Message is;
};
constexpr std::array kFields{
    Field{Message::kModel, 7, Message::kGraph},
    Field{Message::kModel, 20, Message::kTraining},
    Field{Message::kModel, 25, Message::kFunction},
    Field{Message::kTraining, 1, Message::kGraph},
    Field{Message::kTraining, 2, Message::kGraph},
    Field{Message::kFunction, 7, Message::kNode},
    Field{Message::kFunction, 11, Message::kAttribute},
    Field{Message::kGraph, 1, Message::kNode},
    Field{Message::kGraph, 5, Message::kTensor},
    Field{Message::kGraph, 15, Message::kSparseTensor},
    Field{Message::kNode, 5, Message::kAttribute},
    Field{Message::kAttribute, 5, Message::kTensor},
    Field{Message::kAttribute, 6, Message::kGraph},
    Field{Message::kAttribute, 10, Message::kTensor},
    Field{Message::kAttribute, 11, Message::kGraph},
    Field{Message::kAttribute, 22, Message::kSparseTensor},
    Field{Message::kAttribute, 23, Message::kSparseTensor},
    Field{Message::kSparseTensor, 1, Message::kTensor},
    Field{Message::kSparseTensor, 2, Message::kTensor},
};
// Fields of a tensor: entries that say where its data is, and whether that counts.
constexpr std::uint32_t kExternalData = 13;
constexpr std::uint32_t kDataLocation = 14;

// Messages in one another; protobuf's own limit.
constexpr int kDeepest = 100;

std::uint64_t take_varint(Bytes& in) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (in.empty()) throw std::invalid_argument("a number that is cut off");
    const std::uint8_t byte = in[0];
    in = in.subspan(1);
    value |= std::uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) return value;
  }
  throw std::invalid_argument("a number of more than 64 bits");
}

Bytes take(Bytes& in, std::uint64_t size) {
  if (size > in.size()) throw std::invalid_argument("a field that is cut off");
  const Bytes taken = in.first(static_cast<std::size_t>(size));
  in = in.subspan(static_cast<std::size_t>(size));
  return taken;
}

bool has_external_data(Bytes in, Message message, int depth) {
  if (depth > kDeepest) throw std::invalid_argument("messages nested too deeply");
  bool found = false;
  while (!in.empty() && !found) {
    const std::uint64_t key = take_varint(in);
    const std::uint64_t number = key >> 3;
    std::uint64_t value = 0;
    Bytes content;
    switch (key & 7) {
      case 0:
        value = take_varint(in);
        break;
      case 1:
        take(in, 8);
        break;
      case 2:
        content = take(in, take_varint(in));
        break;
      case 5:
        take(in, 4);
        break;
      default:
        throw std::invalid_argument("a field of no known type");
    }
    if (number == 0 || number >= std::uint64_t{1} << 29) {
      throw std::invalid_argument("a field of no possible number");
    }
    if (message == Message::kTensor) {
      found = number == kExternalData || (number == kDataLocation && value != 0);
      continue;
    }
    const auto field = std::find_if(kFields.begin(), kFields.end(), [&](const Field& f) {
      return f.of == message && f.number == number;
    });
    if (field != kFields.end()) found = has_external_data(content, field->is, depth + 1);
  }
  return found;
}

// In one read; one character at a time, a network of megabytes takes many times as long.
std::vector<char> content_of(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  std::vector<char> content(error ? 0 : static_cast<std::size_t>(size));
  std::ifstream file(path, std::ios::binary);
  file.read(content.data(), static_cast<std::streamsize>(content.size()));
  content.resize(static_cast<std::size_t>(file.gcount()));
  return content;
}

}  // namespace

bool has_external_data(std::span<const std::uint8_t> model) {
  return has_external_data(model, Message::kModel, 0);
}

void refuse_external_data(const std::string& path) {
  const std::vector<char> content = content_of(path);
  const Bytes bytes(reinterpret_cast<const std::uint8_t*>(content.data()), content.size());
  const std::string where = "network '" + path + "': wanted an ONNX file";
  try {
    if (has_external_data(bytes)) {
      throw PackError(where +
                      " that holds its weights, got one with weights in another file, "
                      "which its hash doesn't cover");
    }
  } catch (const std::invalid_argument& error) {
    throw PackError(where + ", got " + error.what());
  }
}

}  // namespace mien
