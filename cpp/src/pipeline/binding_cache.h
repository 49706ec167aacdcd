// Bindings by input shape, created on first use. Batches run in chunks of 1, 2, 4, ..., so that a
// few shapes cover all batch sizes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "infer/session.h"

namespace mien {

class BindingCache {
 public:
  BindingCache(const Session& session, Binding::Memory memory)
      : session_(session), memory_(memory) {}

  Binding& get(const std::vector<std::int64_t>& shape) {
    const auto found = bindings_.find(shape);
    if (found != bindings_.end()) return found->second;
    if (bindings_.size() >= kMaxBindings) bindings_.clear();
    return bindings_.emplace(shape, Binding(session_, shape, memory_)).first->second;
  }

 private:
  // Bounds the memory when images of many shapes are analysed.
  static constexpr std::size_t kMaxBindings = 48;

  const Session& session_;
  const Binding::Memory memory_;
  std::map<std::vector<std::int64_t>, Binding> bindings_;
};

}  // namespace mien
