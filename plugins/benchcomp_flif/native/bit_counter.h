// A coder like those of range_coder.h that writes nothing and only adds up what writing would cost.
#pragma once

#include <cstdint>

#include "learning.h"

namespace flif {

class BitCounter {
 public:
  // In units of 1 / CostTable::kUnitsPerBit bits.
  std::int64_t cost() const { return cost_; }

  bool bit(std::uint32_t chance12, bool bit) {
    cost_ += CostTable::standard().of(bit)[chance12] & 0xFFFF;
    return bit;
  }

  bool even_bit(bool bit) {
    cost_ += CostTable::kUnitsPerBit;
    return bit;
  }

 private:
  std::int64_t cost_ = 0;
};

}  // namespace flif
