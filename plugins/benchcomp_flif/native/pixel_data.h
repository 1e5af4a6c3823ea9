// Description section 9 as a file holds it: trees and samples, non-interlaced or interlaced, in either
// direction.
#pragma once

#include <array>
#include <cstddef>

#include "image.h"
#include "integer_coder.h"
#include "maniac_tree.h"
#include "traversal.h"

namespace flif {

using Trees = std::array<Tree, 4>;  // by plane

// Codes samples with the contexts that the planes' trees choose (9.2).
template <class Coder>
class TreeSampler {
 public:
  TreeSampler(Coder& coder, const Adaptation& adaptation, const Trees& trees = {})
      : coder_(coder),
        adaptation_(adaptation),
        contexts_{TreeContexts(trees[0]), TreeContexts(trees[1]), TreeContexts(trees[2]),
                  TreeContexts(trees[3])} {}

  template <int kProperties>
  int code(int plane, const int* properties, int lo, int hi, int value) {
    if (lo == hi) return lo;
    Chances& chances = contexts_[static_cast<std::size_t>(plane)].find(properties);
    return near_zero(coder_, chances, adaptation_, lo, hi, value);
  }

 private:
  Coder& coder_;
  const Adaptation& adaptation_;
  std::array<TreeContexts, 4> contexts_;
};

// Accepts every sample as it is: for passes in which only pixels that can't be seen get their values.
struct KeepSampler {
  template <int kProperties>
  int code(int, const int*, int, int, int value) {
    return value;
  }
};

struct InterlacedChoices {
  int first_fine_zoom = 0;  // levels above it are the rough data, coded without trees
  Predictors predictors{};
};

template <class Coder>
void code_trees(Coder& coder, Trees& trees, const Image& image, const Ranges& ranges, bool interlaced) {
  ParametersOf<Coder> parameters(coder);
  const std::size_t max_nodes = std::max<std::size_t>(std::size_t{1} << 16, image.pixels());
  for (int plane = 0; plane < ranges.planes(); ++plane)
    if (!ranges.constant(plane))
      code_tree(parameters, trees[static_cast<std::size_t>(plane)],
                property_intervals(ranges, plane, interlaced), max_nodes);
}

template <class Coder>
void code_scanline_data(Coder& coder, Image& image, const PixelRules& rules, const Adaptation& adaptation,
                        Trees& trees) {
  code_trees(coder, trees, image, rules.ranges, false);
  TreeSampler<Coder> sampler(coder, adaptation, trees);
  code_scanlines(image, rules, sampler);
}

template <class Coder>
void code_interlaced_data(Coder& coder, Image& image, const PixelRules& rules, const Adaptation& adaptation,
                          Trees& trees, InterlacedChoices choices) {
  ParametersOf<Coder> signals(coder);
  const int top = top_zoom(image);
  choices.first_fine_zoom = signals.uniform(0, top, choices.first_fine_zoom);
  for (int plane = 0; plane < image.planes; ++plane) {
    if (rules.ranges.constant(plane)) continue;
    Sample& first = image[plane].front();
    first = static_cast<Sample>(signals.uniform(rules.ranges.min(plane), rules.ranges.max(plane), first));
  }
  TreeSampler<Coder> rough(coder, adaptation);
  code_levels(image, rules, top, choices.first_fine_zoom + 1, choices.predictors, signals, rough);
  code_trees(coder, trees, image, rules.ranges, true);
  TreeSampler<Coder> fine(coder, adaptation, trees);
  code_levels(image, rules, choices.first_fine_zoom, 0, choices.predictors, signals, fine);
}

}  // namespace flif
