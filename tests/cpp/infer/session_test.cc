#include "infer/session.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <thread>
#include <vector>

#include "infer/cuda_driver.h"
#include "test_models.h"

namespace mien {
namespace {

using SessionTest = InferTest;
using Shape = std::vector<std::int64_t>;

std::string temporary(const std::string& name, const std::string& content) {
  const std::string path = testing::TempDir() + name;
  std::ofstream(path, std::ios::binary) << content;
  return path;
}

std::string content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST_F(SessionTest, ReportsTensorsAndMetadata) {
  const Session session(model_path("two_outputs"), {});
  EXPECT_EQ(session.path(), model_path("two_outputs"));
  EXPECT_EQ(session.provider(), "cpu");
  ASSERT_EQ(session.inputs().size(), 1u);
  EXPECT_EQ(session.inputs()[0].name, "input");
  EXPECT_EQ(session.inputs()[0].type, "float32");
  EXPECT_EQ(session.inputs()[0].shape, (Shape{-1, 3, -1, -1}));
  ASSERT_EQ(session.outputs().size(), 2u);
  EXPECT_EQ(session.outputs()[0].name, "mean");
  EXPECT_EQ(session.outputs()[0].shape, (Shape{-1, 3}));
  EXPECT_EQ(session.outputs()[1].name, "scaled");
  const Metadata expected{{"mien.name", "two_outputs"}, {"text", "a, b; c=d é"}, {"empty", ""}};
  EXPECT_EQ(session.metadata(), expected);
}

TEST_F(SessionTest, NamesElementTypes) {
  EXPECT_EQ(Session(model_path("half_input"), {}).inputs()[0].type, "float16");
  EXPECT_EQ(Session(model_path("integer_output"), {}).outputs()[0].type, "int64");
}

TEST_F(SessionTest, InvalidFilesArePackErrorsNamingThem) {
  const std::string missing = testing::TempDir() + "missing.onnx";
  expect_error<PackError>([&] { Session(missing, {}); }, {missing, "no such file"});
  expect_error<PackError>([] { Session(testing::TempDir(), {}); }, {testing::TempDir()});
  const std::string text = temporary("text.onnx", "this is no network\n");
  expect_error<PackError>([&] { Session(text, {}); }, {text, "wanted an ONNX file"});
  const std::string empty = temporary("empty.onnx", "");
  expect_error<PackError>([&] { Session(empty, {}); }, {empty});
  const std::string whole = content_of(model_path("localization"));
  const std::string cut = temporary("cut.onnx", whole.substr(0, whole.size() / 2));
  expect_error<PackError>([&] { Session(cut, {}); }, {cut, "wanted an ONNX file"});
}

TEST_F(SessionTest, UnavailableProvidersAreProviderErrors) {
  const std::string path = model_path("two_outputs");
  expect_error<ProviderError>([&] { Session(path, {.provider = "npu"}); }, {"'npu'"});
  expect_error<ProviderError>([&] { Session(path, {.provider = "auto"}); }, {"'auto'"});
  for (const std::string provider : {"cuda", "tensorrt"}) {
    if (cuda_device_count() > 0) continue;  // may work there
    expect_error<ProviderError>([&] { Session(path, {.provider = provider}); },
                                {"'" + provider + "'", "offers cpu"});
  }
  expect_error<OptionError>([&] { Session(path, {.threads = 0}); }, {"threads", "got 0"});
}

// Exact sums on a GPU too: every term is a small whole number.
TEST_F(SessionTest, CudaGivesTheSameResults) {
  const char* required = std::getenv("MIEN_REQUIRE_CUDA");
  if ((required == nullptr || std::string(required) != "1") && choose_provider("auto") != "cuda") {
    GTEST_SKIP() << "no CUDA device, or a library without CUDA";
  }
  const Session session(model_path("two_outputs"), {.provider = "cuda"});
  Binding binding(session, {1, 3, 1, 2});
  for (int i = 0; i < 6; ++i) binding.input()[i] = static_cast<float>(i);
  binding.run();
  EXPECT_EQ(std::vector<float>(binding.output(0), binding.output(0) + 3),
            (std::vector<float>{0.5f, 2.5f, 4.5f}));
}

TEST_F(SessionTest, ThreadsOfARunDontChangeTheResult) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "ThreadSanitizer can't see how the library's own threads wait for each other";
#endif
  const Session one(model_path("localization"), {});
  const Session four(model_path("localization"), {.threads = 4});
  const Shape shape{2, 3, 128, 128};
  Binding a(one, shape), b(four, shape);
  for (int i = 0; i < 2 * 3 * 128 * 128; ++i) {
    a.input()[i] = b.input()[i] = static_cast<float>(i % 253) / 253.0f - 0.5f;
  }
  a.run();
  b.run();
  for (std::size_t o = 0; o < a.output_count(); ++o) {
    std::size_t size = 1;
    for (const std::int64_t n : a.output_shape(o)) size *= static_cast<std::size_t>(n);
    EXPECT_TRUE(std::equal(a.output(o), a.output(o) + size, b.output(o))) << o;
  }
}

TEST_F(SessionTest, ManySessionsCanBeCreatedConcurrently) {
  std::vector<std::thread> threads;
  std::vector<std::string> names(4);
  for (std::string& name : names) {
    threads.emplace_back(
        [&name] { name = Session(model_path("two_outputs"), {}).metadata().at("mien.name"); });
  }
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(names, std::vector<std::string>(4, "two_outputs"));
}

}  // namespace
}  // namespace mien
