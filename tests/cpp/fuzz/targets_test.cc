// Every fuzz target over a small corpus, in any build: what libFuzzer calls for hours must at least
// hold here. Seeds are made on the spot.
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "target.h"

namespace mien {
namespace {

using Corpus = std::vector<std::string>;

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A whole video without a codec: two frames of 16x16 pixels.
std::string tiny_video() {
  std::string file = "YUV4MPEG2 W16 H16 F25:1 Ip A1:1 C420jpeg\n";
  for (const char grey : {'\x40', '\x80'}) file += "FRAME\n" + std::string(384, grey);
  return file;
}

Corpus seeds() {
  Corpus all{
      "", std::string(400, '\0'), std::string(400, '\xff'), tiny_video(),
      std::string("\x01\x04\0\0\0", 5) + "1, 2,3;nan\x08" + std::string(3, '\0') + "a,b,,c d"};
  for (const auto& entry : std::filesystem::directory_iterator(MIEN_TEST_DATA "/models")) {
    if (entry.path().extension() == ".onnx") all.push_back('\0' + content_of(entry.path()));
  }
  std::mt19937 random(1);
  for (std::size_t size : {10, 100, 1000}) {
    for (int i = 0; i < 40; ++i) {
      std::string bytes(size, '\0');
      for (char& byte : bytes) byte = static_cast<char>(random());
      all.push_back(bytes);
    }
  }
  return all;
}

// Each seed, cut off and with single bytes changed.
Corpus mutated(const Corpus& seeds) {
  Corpus all = seeds;
  std::mt19937 random(2);
  for (const std::string& seed : seeds) {
    if (seed.empty()) continue;
    all.push_back(seed.substr(0, seed.size() / 2));
    for (int i = 0; i < 8; ++i) {
      std::string other = seed;
      other[random() % other.size()] = static_cast<char>(random());
      all.push_back(other);
    }
  }
  return all;
}

TEST(FuzzTargets, HoldForASmallCorpus) {
  ASSERT_GE(fuzz::targets().size(), 4u);
  const Corpus corpus = mutated(seeds());
  for (const fuzz::Target& target : fuzz::targets()) {
    SCOPED_TRACE(target.name);
    for (const std::string& bytes : corpus) {
      target.run({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
    }
  }
}

}  // namespace
}  // namespace mien
