#include "infer/external_data.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include "test_models.h"

namespace mien {
namespace {

bool is_external(const std::string& model) {
  return has_external_data({reinterpret_cast<const std::uint8_t*>(model.data()), model.size()});
}

std::string varint(std::size_t value) {
  std::string out;
  for (; value > 127; value >>= 7) out += static_cast<char>((value & 127) | 128);
  return out + static_cast<char>(value);
}

// A field of protobuf that holds other bytes.
std::string field(std::size_t number, const std::string& content) {
  return varint(number << 3 | 2) + varint(content.size()) + content;
}

const std::string kHeld = field(9, "weights");                        // raw_data
const std::string kLocated = field(9, "") + std::string("\x70\x01");  // data_location: EXTERNAL
const std::string kNamed = field(13, field(1, "location") + field(2, "weights.bin"));

TEST(ExternalData, IsFoundInATensorOfTheGraph) {
  EXPECT_FALSE(is_external(field(7, field(5, kHeld))));
  EXPECT_TRUE(is_external(field(7, field(5, kHeld) + field(5, kLocated))));
  EXPECT_TRUE(is_external(field(7, field(5, kNamed))));
}

TEST(ExternalData, IsFoundWhereverAModelMayHaveATensor) {
  const std::string attribute = field(5, field(5, kLocated));  // of a node
  EXPECT_TRUE(is_external(field(7, field(1, attribute))));
  EXPECT_TRUE(is_external(field(25, field(7, attribute))));           // a function
  EXPECT_TRUE(is_external(field(20, field(1, field(5, kLocated)))));  // training
  EXPECT_TRUE(is_external(field(7, field(15, field(1, kLocated)))));  // sparse
  EXPECT_TRUE(is_external(field(7, field(1, field(5, field(6, field(5, kLocated)))))));  // subgraph
}

TEST(ExternalData, IsNotLookedForInBytesThatAreNoModel) {
  for (const std::string& bytes : {std::string("\x3a\x7f"), std::string("\xff"),
                                   std::string("\x3b"), std::string(11, '\xff')}) {
    EXPECT_THROW(is_external(bytes), std::invalid_argument) << bytes;
  }
  std::string deep = field(5, kHeld);
  for (int i = 0; i < 40; ++i) deep = field(1, field(5, field(6, deep)));  // a graph in a graph
  EXPECT_THROW(is_external(field(7, deep)), std::invalid_argument);
}

TEST(ExternalData, FilesOfNetworksHaveNone) {
  for (const char* name : {"localization", "behaviour"}) {
    EXPECT_NO_THROW(refuse_external_data(std::string(MIEN_PACK_DIR "/") + name + ".onnx"));
  }
}

}  // namespace
}  // namespace mien
