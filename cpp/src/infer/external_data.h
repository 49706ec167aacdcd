// What an ONNX file keeps outside itself. Private to infer/.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace mien {

// Whether any tensor of a serialized ONNX model has its data in another file, where no hash of the
// model covers it. Looks at every tensor of the graph, of its subgraphs, attributes and functions.
// Throws std::invalid_argument, with what is wrong, for bytes that are no such model.
bool has_external_data(std::span<const std::uint8_t> model);

// Throws PackError for a file with external data, or that is no ONNX model.
void refuse_external_data(const std::string& path);

}  // namespace mien
