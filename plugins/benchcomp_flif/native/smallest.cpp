// What makes small images smaller than the reference's choices do, as measured on thumbnails of
// photographs: no channel compaction and no checksum first of all, then the colour transform, and trees
// that are picked plane by plane for what they really cost.
#include "smallest.h"

#include <utility>

#include "bit_counter.h"
#include "encoder.h"
#include "pixel_data.h"

namespace flif {

namespace {

using File = std::vector<std::uint8_t>;

void keep_shorter(File& best, File other) {
  if (other.size() < best.size()) best = std::move(other);
}

// Colour transforms and palettes worth a try; the first is the most likely one.
std::vector<EncoderChoices> color_variants(const EncoderChoices& choices, const Image& image) {
  std::vector<EncoderChoices> variants{choices};
  const auto variant = [&]() -> EncoderChoices& { return variants.emplace_back(choices); };
  variant().bounds = false;
  variant().channel_compact = true;
  if (image.planes == 1) return variants;
  variant().ycocg = false;
  EncoderChoices& green_blue_red = variant();
  green_blue_red.ycocg = false;
  green_blue_red.plane_order = {1, 2, 0, 3};
  return variants;
}

// Images with few colours may be better off without their palette, or with colour buckets.
std::vector<EncoderChoices> palette_variants(const EncoderChoices& choices) {
  std::vector<EncoderChoices> variants;
  for (const bool compact : {false, true}) {
    for (const Use buckets : {Use::kNever, Use::kAlways}) {
      EncoderChoices& variant = variants.emplace_back(choices);
      variant.max_palette = 0;
      variant.channel_compact = compact;
      variant.color_buckets = buckets;
    }
  }
  return variants;
}

bool uses_palette(const EncodingPlan& plan) {
  for (const TransformPtr& transform : plan.transformed.transforms)
    if (transform->id() == TransformId::kPalette || transform->id() == TransformId::kPaletteAlpha)
      return true;
  return false;
}

// What a tree and a plane's samples with it cost.
std::int64_t plane_cost(EncodingPlan& plan, int plane, const Tree& tree) {
  const Adaptation& adaptation = Adaptation::standard();
  BitCounter counter;
  ParametersOf<BitCounter> parameters(counter);
  Trees trees;
  trees[static_cast<std::size_t>(plane)] = tree;
  code_tree(parameters, trees[static_cast<std::size_t>(plane)], plan.properties(plane), tree.size() + 1);
  TreeSampler<BitCounter> sampler(counter, adaptation, trees);
  code_plane(plan.transformed.image, plan.rules(), plane, sampler);
  return counter.cost();
}

// Learns each plane's tree in several ways, and keeps the one with which tree and samples cost least.
void pick_trees(EncodingPlan& plan) {
  constexpr int passes = 5;
  for (int plane = 0; plane < plan.transformed.image.planes; ++plane) {
    if (plan.rules().ranges.constant(plane)) continue;
    Tree& best = plan.trees[static_cast<std::size_t>(plane)];
    std::int64_t least = plane_cost(plan, plane, best);
    const auto consider = [&](Tree tree) {
      const std::int64_t cost = plane_cost(plan, plane, tree);
      if (cost >= least) return;
      least = cost;
      best = std::move(tree);
    };
    consider({});
    for (const int split_bits : {28, 48, 80}) {
      TreeLearner learner(plan.properties(plane), CostTable::standard(), split_bits);
      LearningChoices pruning = plan.choices.learning;
      pruning.count_divisor = 32767;  // nodes open as soon as they can
      for (int pass = 0; pass < passes; ++pass) {
        show_plane(plan, plane, learner);
        consider(learner.pruned(pruning));
      }
    }
  }
}

}  // namespace

std::vector<std::uint8_t> encode_smallest(const Image& original, const EncoderChoices& reference) {
  const Image image = without_redundant_channels(original);
  File smallest = encode(image, reference);
  EncoderChoices choices = reference;
  choices.checksum = false;
  choices.channel_compact = false;

  std::vector<EncoderChoices> variants = color_variants(choices, image);
  if (image.planes > 1 && uses_palette(plan_encoding(image, choices)))
    for (const EncoderChoices& variant : palette_variants(choices)) variants.push_back(variant);
  EncodingPlan best;
  File best_file;
  for (const EncoderChoices& variant : variants) {
    EncodingPlan plan = plan_encoding(image, variant);
    learn_trees(plan);
    File file = write_file(plan);
    if (!best_file.empty() && file.size() >= best_file.size()) continue;
    best = std::move(plan);
    best_file = std::move(file);
  }
  keep_shorter(smallest, best_file);
  pick_trees(best);
  keep_shorter(smallest, write_file(best));
  for (const int divisor : {15, 23, 28}) {
    best.choices.divisor = divisor;
    keep_shorter(smallest, write_file(best));
  }
  return smallest;
}

}  // namespace flif
