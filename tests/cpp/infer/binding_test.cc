#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <numeric>
#include <thread>
#include <utility>
#include <vector>

#include "alloc_counter.h"
#include "infer/session.h"
#include "infer/session_impl.h"
#include "test_models.h"

namespace mien {
namespace {

using BindingTest = InferTest;
using Shape = std::vector<std::int64_t>;

std::vector<float> output(const Binding& b, std::size_t i) {
  std::size_t size = 1;
  for (const std::int64_t n : b.output_shape(i)) size *= static_cast<std::size_t>(n);
  return {b.output(i), b.output(i) + size};
}

std::size_t input_size(const Binding& b) {
  return std::accumulate(
      b.input_shape().begin(), b.input_shape().end(), std::size_t{1},
      [](std::size_t a, std::int64_t n) { return a * static_cast<std::size_t>(n); });
}

// On the CPU the provider's memory is CPU memory too, so tests can read both kinds.
class BindingMemoryTest : public BindingTest,
                          public testing::WithParamInterface<Binding::Memory> {};
INSTANTIATE_TEST_SUITE_P(, BindingMemoryTest,
                         testing::Values(Binding::Memory::kCpu, Binding::Memory::kProvider));

TEST_P(BindingMemoryTest, TakesBytesIfTheNetworkDoes) {
  const Session bytes(model_path("behaviour_bytes"), {});
  const Session floats(model_path("behaviour"), {});
  Binding binding(bytes, {2, 8, 8, 12}, GetParam());
  Binding other(floats, {2, 3, 16, 16}, GetParam());
  expect_error<PackError>([&] { binding.input(); }, {"input 'input'", "wanted float32, got uint8"});
  expect_error<PackError>([&] { other.input_bytes(); }, {"wanted uint8, got float32"});
  // All pixels are equal, so that their layout doesn't matter here.
  for (std::size_t i = 0; i < 2 * 768; ++i) {
    const std::size_t channel = i % 3;
    binding.input_bytes()[i] = static_cast<std::uint8_t>(40 * channel + i / 768);
    const std::size_t plane = i / 256;
    other.input()[i] = (static_cast<float>(40 * (plane % 3) + plane / 3) - 128) / 128;
  }
  binding.run();
  other.run();
  for (std::size_t head = 0; head < 2; ++head) {
    EXPECT_EQ(output(binding, head), output(other, head)) << "head " << head;
  }
}

TEST_P(BindingMemoryTest, WritesEveryOutputOnEveryRun) {
  const Session session(model_path("two_outputs"), {});
  Binding binding(session, {2, 3, 2, 1}, GetParam());
  EXPECT_EQ(binding.input_shape(), (Shape{2, 3, 2, 1}));
  ASSERT_EQ(binding.output_count(), 2u);
  EXPECT_EQ(binding.output_shape(0), (Shape{2, 3}));
  EXPECT_EQ(binding.output_shape(1), (Shape{2, 3, 2, 1}));
  for (int round = 1; round <= 3; ++round) {
    std::vector<float> doubled;
    for (int i = 0; i < 12; ++i) {
      binding.input()[i] = static_cast<float>(i * round);
      doubled.push_back(static_cast<float>(2 * i * round + 1));
    }
    binding.run();
    const auto r = static_cast<float>(round);
    EXPECT_EQ(output(binding, 0),
              (std::vector<float>{0.5f * r, 2.5f * r, 4.5f * r, 6.5f * r, 8.5f * r, 10.5f * r}));
    EXPECT_EQ(output(binding, 1), doubled);
  }
}

TEST_F(BindingTest, BuffersAreAlignedToCacheLines) {
  const Session session(model_path("two_outputs"), {});
  Binding binding(session, {1, 3, 3, 5});
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(binding.input()) % 64, 0u);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(binding.output(i)) % 64, 0u);
  }
}

TEST_F(BindingTest, MovesWithItsBuffers) {
  const Session session(model_path("two_outputs"), {});
  Binding first(session, {1, 3, 1, 1});
  const float* input = first.input();
  std::vector<Binding> all;
  all.push_back(std::move(first));
  EXPECT_EQ(all[0].input(), input);
  all[0].input()[0] = all[0].input()[1] = all[0].input()[2] = 4;
  all[0].run();
  EXPECT_EQ(output(all[0], 0), (std::vector<float>{4, 4, 4}));
}

// The arithmetic of QDQ in integers: half to even, saturating.
int quantize(double real, double scale, int zero) {
  const double q = std::nearbyint(real / scale) + zero;
  return static_cast<int>(std::min(255.0, std::max(0.0, q)));
}

TEST_F(BindingTest, Int8ConvolutionIsExact) {
  const int weight[2][9] = {{1, -2, 3, -4, 5, -6, 7, -8, 9}, {127, 0, -128, 0, 1, 0, -1, 0, 64}};
  const double weight_scale[] = {0.25, 0.125};
  const double bias[] = {2.0, -2.5};
  constexpr int kSide = 12;
  const Session session(model_path("conv_int8"), {});
  Binding binding(session, {1, 1, kSide, kSide});
  // From below the range of uint8 to above it, including halves.
  for (int i = 0; i < kSide * kSide; ++i) {
    binding.input()[i] = static_cast<float>((i * 37) % 161 - 20) * 0.875f;
  }
  binding.run();
  ASSERT_EQ(binding.output_shape(0), (Shape{1, 2, kSide - 2, kSide - 2}));
  std::size_t saturated = 0, o = 0;
  for (int c = 0; c < 2; ++c) {
    for (int y = 0; y < kSide - 2; ++y) {
      for (int x = 0; x < kSide - 2; ++x, ++o) {
        int sum = 0;
        for (int k = 0; k < 9; ++k) {
          const float pixel = binding.input()[(y + k / 3) * kSide + x + k % 3];
          sum += (quantize(pixel, 0.5, 10) - 10) * weight[c][k];
        }
        const int q = quantize(sum * 0.5 * weight_scale[c] + bias[c], 8.0, 100);
        saturated += q == 0 || q == 255;
        ASSERT_EQ(binding.output(0)[o], static_cast<float>((q - 100) * 8))
            << c << ' ' << y << ' ' << x;
      }
    }
  }
  EXPECT_GT(saturated, 0u);
  EXPECT_LT(saturated, o / 2);
}

TEST_F(BindingTest, Fp16NetworksHaveFloatOutputs) {
  const Session session(model_path("half_inside"), {});
  Binding binding(session, {1, 3, 1, 2});
  const float in[] = {1, 2, 10, 0.25f, 3, 2048};  // a library may well compute in float32
  std::copy(std::begin(in), std::end(in), binding.input());
  binding.run();
  EXPECT_EQ(output(binding, 0), (std::vector<float>{21, 2.5f, 1.5f, 1024}));
}

TEST_F(BindingTest, RowsDontDependOnTheBatch) {
  for (const char* name : {"behaviour", "conv_int8", "half_inside"}) {
    const Session session(model_path(name), {});
    const std::int64_t channels = session.inputs()[0].shape[1];
    Binding one(session, {1, channels, 16, 16}), many(session, {16, channels, 16, 16});
    for (std::size_t i = 0; i < input_size(many); ++i) {
      many.input()[i] = static_cast<float>(i * 31 % 509) / 254.5f - 1.0f;
    }
    many.run();
    const std::size_t row = input_size(one);
    for (std::size_t n = 0; n < 16; ++n) {
      std::copy(many.input() + n * row, many.input() + (n + 1) * row, one.input());
      one.run();
      for (std::size_t o = 0; o < one.output_count(); ++o) {
        const auto alone = output(one, o);
        EXPECT_TRUE(std::equal(alone.begin(), alone.end(), many.output(o) + n * alone.size()))
            << name << " row " << n;
      }
    }
  }
}

TEST_F(BindingTest, WrongShapesArePackErrors) {
  const Session session(model_path("two_outputs"), {});
  const std::string path = model_path("two_outputs");
  expect_error<PackError>([&] { Binding(session, {1, 4, 2, 2}); },
                          {path, "'input'", "(?, 3, ?, ?)", "(1, 4, 2, 2)"});
  expect_error<PackError>([&] { Binding(session, {1, 3, 2}); }, {"(1, 3, 2)"});
  expect_error<PackError>([&] { Binding(session, {0, 3, 2, 2}); }, {"(0, 3, 2, 2)"});
  expect_error<PackError>([&] { Binding(session, {-1, 3, 2, 2}); }, {"got (?, 3, 2, 2)"});
  const Session fold(model_path("folds_by_six"), {});
  expect_error<PackError>([&] { Binding(fold, {2, 2}); }, {"folds_by_six", "can't run", "(2, 2)"});
  EXPECT_EQ(Binding(fold, {6, 2}).output_shape(0), (Shape{2, 6}));
}

TEST_F(BindingTest, OtherTypesArePackErrors) {
  const auto bind = [](const char* name) {
    return [name] { Binding(Session(model_path(name), {}), {1, 2}); };
  };
  expect_error<PackError>(bind("two_inputs"), {"two_inputs", "wanted one input, got 2"});
  expect_error<PackError>(bind("half_input"), {"input 'input'", "wanted float32, got float16"});
  expect_error<PackError>(bind("integer_output"), {"output 'output'", "wanted float32, got int64"});
}

TEST_F(BindingTest, ManyWorkersShareOneSession) {
  const Session session(model_path("localization"), {});
  const auto work = [&](int seed) {
    std::vector<std::vector<float>> results;
    for (const std::int64_t side : {32, 64, 48}) {
      Binding binding(session, {1, 3, side, side});
      for (int round = 0; round < 20; ++round) {
        for (std::size_t i = 0; i < input_size(binding); ++i) {
          binding.input()[i] = static_cast<float>((static_cast<int>(i) * seed + round) % 97);
        }
        binding.run();
        for (std::size_t o = 0; o < 3; ++o) results.push_back(output(binding, o));
      }
    }
    return results;
  };
  constexpr int kWorkers = 4;
  std::vector<std::vector<std::vector<float>>> found(kWorkers);
  std::vector<std::thread> threads;
  for (int w = 0; w < kWorkers; ++w) threads.emplace_back([&, w] { found[w] = work(w + 1); });
  for (std::thread& t : threads) t.join();
  for (int w = 0; w < kWorkers; ++w) EXPECT_TRUE(found[w] == work(w + 1)) << "worker " << w;
}

// Calls of operator new in 10 runs, after some that fill the library's pools.
std::int64_t allocations_of(const std::function<void()>& run) {
  for (int i = 0; i < 3; ++i) run();
  const std::int64_t before = allocations();
  for (int i = 0; i < 10; ++i) run();
  return allocations() - before;
}

// A float tensor of the library over `data`.
ort::ValueHandle tensor_over(std::vector<float>& data, const Shape& shape) {
  const ort::Api& api = runtime().api;
  ort::MemoryInfoHandle memory;
  take_message(
      api.CreateCpuMemoryInfo(ort::kArenaAllocator, ort::kMemoryDefault, ort::Receive(memory)));
  ort::ValueHandle value;
  EXPECT_EQ(take_message(api.CreateTensorWithDataAsOrtValue(
                memory.get(), data.data(), data.size() * sizeof(float), shape.data(), shape.size(),
                ort::kElementFloat32, ort::Receive(value))),
            "");
  return value;
}

// The library's own allocations are measured by calling it without a Binding.
TEST_F(BindingTest, RunAllocatesNothing) {
  if (!can_count_allocations()) GTEST_SKIP() << "sanitizers own operator new";
  const Session session(model_path("two_outputs"), {});
  Binding binding(session, {1, 3, 8, 8});
  std::vector<float> in(3 * 64), mean(3), scaled(3 * 64);
  const ort::ValueHandle x = tensor_over(in, {1, 3, 8, 8});
  const ort::ValueHandle m = tensor_over(mean, {1, 3});
  const ort::ValueHandle s = tensor_over(scaled, {1, 3, 8, 8});
  const char* input_name = "input";
  const char* output_names[] = {"mean", "scaled"};
  const OrtValue* input = x.get();
  OrtValue* outputs[] = {m.get(), s.get()};
  const std::int64_t library = allocations_of([&] {
    EXPECT_EQ(runtime().api.Run(session.impl().handle.get(), nullptr, &input_name, &input, 1,
                                output_names, 2, outputs),
              nullptr);
  });
  const std::int64_t ours = allocations_of([&] { binding.run(); });
  RecordProperty("operator_new_calls_of_the_library_in_10_runs", static_cast<int>(library));
  EXPECT_EQ(ours, library);
}

TEST_F(BindingTest, AllocationsAreCounted) {
  if (!can_count_allocations()) GTEST_SKIP() << "sanitizers own operator new";
  const std::int64_t before = allocations();
  ::operator delete(::operator new(1));
  EXPECT_EQ(allocations(), before + 1);
}

}  // namespace
}  // namespace mien
