// Description section 9.1: how a MANIAC tree is stored.
#include "maniac_tree.h"

#include "errors.h"

namespace flif {

void code_tree(ParameterCoder& coder, Tree& tree, const PropertyIntervals& properties,
               std::size_t max_nodes) {
  Chances property_chances = kInitialChances, count_chances = kInitialChances,
          split_chances = kInitialChances;
  struct Pending {
    std::uint32_t node;
    PropertyIntervals properties;
  };
  if (tree.empty()) tree.emplace_back();
  // A stack of our own: a tree can be as deep as the spans of all properties together.
  std::vector<Pending> stack{{0, properties}};
  while (!stack.empty()) {
    const Pending pending = stack.back();
    stack.pop_back();
    TreeNode node = tree[pending.node];
    node.property = coder.number(property_chances, 0, properties.size, node.property + 1) - 1;
    if (!node.leaf()) {
      const Interval range = pending.properties[node.property];
      if (range.lo >= range.hi) throw FlifError("damaged file: a tree that splits a single value");
      node.count = coder.number(count_chances, 1, kMaxNodeCount, node.count);
      node.split = coder.number(split_chances, range.lo, range.hi - 1, node.split);
      if (node.left == 0) {
        if (tree.size() + 2 > max_nodes) throw FlifError("damaged file: a tree larger than the image");
        node.left = static_cast<std::uint32_t>(tree.size());
        tree.resize(tree.size() + 2);
      }
      Pending left{node.left, pending.properties};
      Pending right{node.left + 1, pending.properties};
      left.properties[node.property].lo = node.split + 1;
      right.properties[node.property].hi = node.split;
      stack.push_back(right);  // the left subtree comes first in the file
      stack.push_back(left);
    }
    tree[pending.node] = node;
  }
}

TreeContexts::TreeContexts(const Tree& tree) {
  nodes_.resize(tree.empty() ? 1 : tree.size());
  for (std::size_t i = 0; i < tree.size(); ++i) nodes_[i].tree = tree[i];
  chances_.push_back(kInitialChances);
}

}  // namespace flif
