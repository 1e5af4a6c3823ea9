// Description section 11.2: splitting while learning, and pruning afterwards.
#include "learning.h"

#include <algorithm>
#include <cmath>

namespace flif {

CostTable::CostTable(const Adaptation& adaptation) {
  entries_ = {};
  for (std::size_t chance = 1; chance < 4096; ++chance) {
    for (std::size_t bit = 0; bit < 2; ++bit) {
      const double share = static_cast<double>(bit == 1 ? chance : 4096 - chance) / 4096;
      const auto cost = static_cast<std::uint32_t>(std::lround(-5461.25 * std::log2(share)));
      entries_[bit][chance] = static_cast<std::uint32_t>(adaptation.next[bit][chance]) << 16 | cost;
    }
  }
}

const CostTable& CostTable::standard() {
  static const CostTable table(Adaptation::standard());
  return table;
}

TreeLearner::TreeLearner(const PropertyIntervals& properties, const CostTable& costs, int split_bits)
    : intervals_(properties),
      costs_(costs),
      split_cost_(std::int64_t{CostTable::kUnitsPerBit} * split_bits),
      nodes_(1),
      leaves_(1) {
  Leaf& leaf = leaves_.front();
  for (std::size_t slot = 0; slot < kLearningSlots; ++slot) {
    leaf.whole[slot] = kInitialChances[slot];
    std::fill(std::begin(leaf.split[slot]), std::end(leaf.split[slot]), kInitialChances[slot]);
  }
}

Interval TreeLearner::interval_at(std::uint32_t at, int property, const int* properties) const {
  Interval range = intervals_[property];
  for (std::uint32_t i = 0; i != at;) {
    const TreeNode& node = nodes_[i].tree;
    const std::uint32_t child = node.child(properties);
    if (node.property == property)
      (child == node.left ? range.lo : range.hi) = node.split + (child == node.left ? 1 : 0);
    i = child;
  }
  return range;
}

TreeLearner::Leaf& TreeLearner::split(std::uint32_t at, const int* properties) {
  const std::size_t index = nodes_[at].leaf;
  Leaf& leaf = leaves_[index];
  const int property = leaf.best;
  const Interval range = interval_at(at, property, properties);
  if (range.lo >= range.hi) return leaf;

  const std::int64_t sum = leaf.sum[property];
  const std::int64_t mean = sum / leaf.count - (sum % leaf.count < 0 ? 1 : 0);  // rounded down
  TreeNode& node = nodes_[at].tree;
  node.property = property;
  node.split = static_cast<std::int32_t>(std::clamp<std::int64_t>(mean, range.lo, range.hi - 1));
  node.count = static_cast<std::int32_t>(std::min<std::int64_t>(leaf.count, 32767));
  node.left = static_cast<std::uint32_t>(nodes_.size());
  leaf.whole_size = leaf.count = 0;
  std::fill(std::begin(leaf.split_size), std::end(leaf.split_size), 0);
  std::fill(std::begin(leaf.sum), std::end(leaf.sum), 0);
  leaf.best = -1;

  const std::uint32_t child = node.child(properties);
  nodes_.resize(nodes_.size() + 2);
  nodes_[nodes_.size() - 2].leaf = index;
  nodes_[nodes_.size() - 1].leaf = leaves_.size();
  leaves_.push_back(Leaf(leaves_[index]));
  return leaves_[nodes_[child].leaf];
}

Tree TreeLearner::pruned(const LearningChoices& choices) const {
  constexpr std::int64_t unused = -100;  // a leaf that saw nothing speaks against its whole branch
  Tree tree(nodes_.size());
  std::vector<std::int64_t> size(nodes_.size());
  for (std::size_t i = nodes_.size(); i-- > 0;) {  // children come after their parents
    TreeNode node = nodes_[i].tree;
    if (node.leaf()) {
      const std::int64_t count = leaves_[nodes_[i].leaf].count;
      size[i] = count > 0 ? count : unused;
    } else {
      size[i] = size[node.left] + size[node.left + 1];
      node.count = std::clamp(node.count / choices.count_divisor, 1, kMaxNodeCount);
      if (node.count > 15) node.count &= ~7;
      if (size[i] < choices.min_size) node = TreeNode{};
    }
    tree[i] = node;
  }
  return tree;
}

}  // namespace flif
