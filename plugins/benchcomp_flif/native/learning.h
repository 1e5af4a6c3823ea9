// Description section 11.2: learning the trees, before anything is written.
//
// A TreeLearner takes the samples of one plane in coding order, any number of times over. Each leaf keeps,
// besides the chances that it would code with, two virtual sets of chances for every property: one for the
// samples above the property's mean, one for the others. When coding with some pair would have saved enough,
// the leaf splits at that mean. This is where an encoder spends most of its time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "integer_coder.h"
#include "maniac_tree.h"

namespace flif {

// What coding a bit costs, and the chance afterwards, as learning needs them: in one word.
class CostTable {
 public:
  static constexpr int kUnitsPerBit = 5461;

  explicit CostTable(const Adaptation& adaptation);
  static const CostTable& standard();

  // By chance: cost in the low half, next chance in the high half.
  const std::uint32_t* of(bool bit) const { return entries_[bit].data(); }

 private:
  std::array<std::array<std::uint32_t, 4096>, 2> entries_;
};

struct LearningChoices {
  int passes = 2;
  int split_bits = 64;     // saving that makes a leaf split
  int count_divisor = 30;  // learned counts are divided by this: nodes open sooner than they were learned
  int min_size = 50;       // smaller subtrees are cut off
};

class TreeLearner {
 public:
  TreeLearner(const PropertyIntervals& properties, const CostTable& costs, int split_bits);

  template <int kProperties>
  void see(const int* properties, int lo, int hi, int value) {
    Leaf& leaf = leaf_for(properties);
    ++leaf.count;
    // Where the virtual chances of this sample are in a row of Leaf::split: those of each property's side.
    std::uint32_t column[kProperties];
    for (int i = 0; i < kProperties; ++i) {
      leaf.sum[i] += properties[i];
      const bool above = properties[i] * leaf.count > leaf.sum[i];
      column[i] = static_cast<std::uint32_t>(2 * i + (above ? 1 : 0));
    }
    if (lo == hi) return;
    std::uint32_t whole_cost = 0;
    std::uint32_t split_cost[kProperties] = {};
    near_zero(
        [&](int slot, bool bit) {
          const std::uint32_t* const costs = costs_.of(bit);
          const auto move = [costs](std::uint16_t& chance) {
            const std::uint32_t entry = costs[chance];
            chance = static_cast<std::uint16_t>(entry >> 16);
            return entry & 0xFFFF;
          };
          whole_cost += move(leaf.whole[slot]);
          std::uint16_t* const row = leaf.split[slot];
          for (int i = 0; i < kProperties; ++i) split_cost[i] += move(row[column[i]]);
          return bit;
        },
        lo, hi, value);
    leaf.whole_size += whole_cost;
    std::int64_t least = leaf.whole_size;
    leaf.best = -1;
    for (int i = 0; i < kProperties; ++i) {
      leaf.split_size[i] += split_cost[i];
      if (leaf.split_size[i] < least) {
        least = leaf.split_size[i];
        leaf.best = i;
      }
    }
  }

  // The tree as it is written: counts scaled down, small subtrees cut off.
  Tree pruned(const LearningChoices& choices) const;

 private:
  // Samples of 8-bit images (with palettes of up to 1024 colours) are within +-1023 of their guess.
  static constexpr int kLearningSlots = 32;

  struct Leaf {
    std::uint16_t whole[kLearningSlots];
    std::uint16_t split[kLearningSlots][2 * kMaxProperties];  // [slot][2 * property + above the mean]
    std::int64_t whole_size = 0;
    std::int64_t split_size[kMaxProperties] = {};
    std::int64_t sum[kMaxProperties] = {};
    std::int64_t count = 0;
    int best = -1;
  };

  struct Node {
    TreeNode tree;
    std::size_t leaf = 0;
  };

  Leaf& leaf_for(const int* properties) {
    std::uint32_t at = 0;
    while (!nodes_[at].tree.leaf()) at = nodes_[at].tree.child(properties);
    Leaf& leaf = leaves_[nodes_[at].leaf];
    if (leaf.best >= 0 && leaf.whole_size > leaf.split_size[leaf.best] + split_cost_)
      return split(at, properties);
    return leaf;
  }

  // Splits the leaf at node `at` if its best property still has more than one value there; returns the
  // leaf for this sample.
  Leaf& split(std::uint32_t at, const int* properties);
  Interval interval_at(std::uint32_t at, int property, const int* properties) const;

  PropertyIntervals intervals_;
  const CostTable& costs_;
  std::int64_t split_cost_;
  std::vector<Node> nodes_;
  std::vector<Leaf> leaves_;
};

}  // namespace flif
