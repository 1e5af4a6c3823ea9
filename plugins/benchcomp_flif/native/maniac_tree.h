// Description section 9.1: MANIAC trees, which choose the context of a sample by its properties.
//
// Tree is the shape that a file carries (code_tree reads and writes it); TreeContexts is a tree in use,
// whose nodes open one after the other and get their own chances.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "integer_coder.h"
#include "ranges.h"

namespace flif {

constexpr int kMaxProperties = 11;

// The interval of each property at some node of a tree.
struct PropertyIntervals {
  int size = 0;
  std::array<Interval, kMaxProperties> of{};

  void add(int lo, int hi) { of[static_cast<std::size_t>(size++)] = {lo, hi}; }
  Interval& operator[](int property) { return of[static_cast<std::size_t>(property)]; }
  const Interval& operator[](int property) const { return of[static_cast<std::size_t>(property)]; }
};

struct TreeNode {
  std::int32_t property = -1;  // -1: a leaf
  std::int32_t split = 0;      // the left child takes the samples whose property is greater
  std::int32_t count = 0;      // samples that the node codes itself before it opens
  std::uint32_t left = 0;      // the right child is left + 1

  bool leaf() const { return property < 0; }

  // As a branch, which a processor guesses, rather than a computation, which it would wait for: the hint
  // is there to get one.
  std::uint32_t child(const int* properties) const {
    return __builtin_expect(properties[property] > split, 1) ? left : left + 1;
  }
};

using Tree = std::vector<TreeNode>;  // the root is first; empty: a single leaf

constexpr int kMaxNodeCount = 512;

// Writes the tree, or reads one into an empty `tree`. Throws FlifError for a tree of more than
// `max_nodes` nodes or with a split that can't be.
void code_tree(ParameterCoder& coder, Tree& tree, const PropertyIntervals& properties, std::size_t max_nodes);

class TreeContexts {
 public:
  explicit TreeContexts(const Tree& tree = {});

  // The chances for a sample with these properties; counts and opens nodes on the way.
  Chances& find(const int* properties) {
    Node* node = &nodes_[0];
    while (node->tree.property >= 0) {
      if (node->tree.count == kOpen) {
        node = &nodes_[node->tree.child(properties)];
      } else if (node->tree.count > 0) {
        --node->tree.count;
        break;
      } else {
        return chances_[nodes_[open(*node, properties)].chances];
      }
    }
    return chances_[node->chances];
  }

 private:
  static constexpr std::int32_t kOpen = -1;
  struct Node {
    TreeNode tree;
    std::uint32_t chances = 0;
  };

  // Both children start from a copy of the node's chances. The sample that opens a node is coded with
  // the child that it falls into, without looking at that child's own count.
  std::uint32_t open(Node& node, const int* properties) {
    node.tree.count = kOpen;
    nodes_[node.tree.left].chances = node.chances;
    nodes_[node.tree.left + 1].chances = static_cast<std::uint32_t>(chances_.size());
    chances_.push_back(Chances(chances_[node.chances]));
    return node.tree.child(properties);
  }

  std::vector<Node> nodes_;
  std::vector<Chances> chances_;
};

}  // namespace flif
