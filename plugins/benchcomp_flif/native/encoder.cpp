// Description sections 4, 6 and 11: choose transforms, learn trees, write.
#include "encoder.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "checksum.h"
#include "file_format.h"
#include "learning.h"
#include "pixel_data.h"
#include "range_coder.h"
#include "transforms.h"

namespace flif {

namespace {

// 11.1: each transform sees the output of the one before. Null transforms weren't worth it.
TransformedImage transform(const Image& image, const EncoderChoices& choices, bool alpha_zero) {
  TransformedImage transformed{image, {}, {}};
  transformed.ranges.push_back(eight_bit_ranges(image.planes));
  const std::size_t pixels = image.pixels();
  if (pixels <= kTransformPixels) return transformed;
  const auto source = [&transformed]() -> const Ranges& { return *transformed.ranges.back(); };
  const auto count = [&transformed] { return transformed.transforms.size(); };

  if (choices.channel_compact) transformed.apply(plan_channel_compact(transformed.image, source()));
  const std::size_t before_color = count();
  if (choices.ycocg) transformed.apply(plan_ycocg(source()));
  const bool permute = choices.permute_planes == Use::kAlways ||
                       (choices.permute_planes == Use::kIfWorth && count() == before_color);
  if (permute) transformed.apply(plan_permute_planes(source(), choices.plane_order, choices.subtract_first));
  if (choices.bounds) transformed.apply(plan_bounds(transformed.image, source(), alpha_zero));
  const std::size_t max_colors = std::min(choices.max_palette, pixels / 3);
  const std::size_t before_palette = count();
  transformed.apply(plan_palette_alpha(transformed.image, source(), alpha_zero, max_colors));
  if (count() == before_palette)
    transformed.apply(plan_palette(transformed.image, source(), alpha_zero, max_colors));
  const bool always = choices.color_buckets == Use::kAlways;
  if (always || (choices.color_buckets == Use::kIfWorth && pixels > kColorBucketPixels))
    transformed.apply(plan_color_buckets(transformed.image, source(), alpha_zero, always));
  return transformed;
}

// 9.5: gives the pixels that won't be coded the values that a decoder will predict for them.
void fill_invisible(Image& image, const PixelRules& rules, bool interlaced) {
  if (!rules.alpha_zero) return;
  KeepSampler keep;
  if (!interlaced) {
    code_scanlines(image, rules, keep);
    return;
  }
  if (image[3].front() == 0)
    for (int plane = 0; plane < 3; ++plane)
      image[plane].front() = static_cast<Sample>((rules.ranges.min(plane) + rules.ranges.max(plane)) / 2);
  NoParameters none;
  code_levels(image, rules, top_zoom(image), 0, {}, none, keep);
}

// 11.1: roughly how many bits the differences from the guesses take.
struct DifferenceBits {
  std::int64_t bits = 0;

  template <int kProperties>
  int code(int, const int*, int, int, int value) {
    if (value != 0) bits += ilog2(static_cast<unsigned>(std::abs(value))) + 1;
    return value;
  }
};

int cheapest_predictor(Image& image, const PixelRules& rules, int plane, int zoom) {
  std::array<std::int64_t, kPredictors> bits{};
  for (int predictor = 0; predictor < kPredictors; ++predictor) {
    DifferenceBits count;
    if (zoom <= top_zoom(image)) code_level(image, rules, plane, zoom, predictor, count);
    bits[static_cast<std::size_t>(predictor)] = count.bits;
  }
  return static_cast<int>(std::min_element(bits.begin(), bits.end()) - bits.begin());
}

Predictors choose_predictors(Image& image, const PixelRules& rules, Predictors predictors) {
  for (int plane = 0; plane < 4; ++plane) {
    int& predictor = predictors[static_cast<std::size_t>(plane)];
    if (plane >= image.planes || rules.ranges.constant(plane)) predictor = 0;
    if (predictor >= 0) continue;
    predictor = cheapest_predictor(image, rules, plane, 1);
    if (predictor > 0 && cheapest_predictor(image, rules, plane, 0) != predictor) predictor = 0;
  }
  return predictors;
}

struct LearningSampler {
  TreeLearner& learner;

  template <int kProperties>
  int code(int, const int* properties, int lo, int hi, int value) {
    learner.see<kProperties>(properties, lo, hi, value);
    return value;
  }
};

void write_second_header(ParameterCoder& parameters, const EncodingPlan& plan) {
  const EncoderChoices& choices = plan.choices;
  const TransformedImage& transformed = plan.transformed;
  if (transformed.image.planes > 3) parameters.uniform(0, 1, plan.alpha_zero);
  const bool custom =
      choices.cutoff != Adaptation::kDefaultCutoff || choices.divisor != Adaptation::kDefaultDivisor;
  parameters.uniform(0, 1, custom);
  if (custom) {
    parameters.uniform(1, 128, choices.cutoff);
    parameters.uniform(2, 128, choices.divisor);
    parameters.uniform(0, 1, 0);
  }
  for (std::size_t i = 0; i < transformed.transforms.size(); ++i) {
    Transform& transform = *transformed.transforms[i];
    parameters.uniform(0, 1, 1);
    parameters.uniform(0, kLastTransformId, static_cast<int>(transform.id()));
    transform.code(parameters, *transformed.ranges[i]);
  }
  parameters.uniform(0, 1, 0);
}

// 11.1: levels above this one are sent first, without trees.
constexpr int kFineLevels = 13;

}  // namespace

Image without_redundant_channels(Image image) {
  const auto all = [&image](auto&& holds) {
    for (std::size_t i = 0; i < image.pixels(); ++i)
      if (!holds(i)) return false;
    return true;
  };
  if (image.planes == 4 && all([&](std::size_t i) { return image[3][i] == 255; })) image.planes = 3;
  if (image.planes == 3 && image[0] == image[1] && image[0] == image[2]) image.planes = 1;
  for (int plane = image.planes; plane < 4; ++plane) image[plane].clear();
  return image;
}

void TransformedImage::apply(TransformPtr transform) {
  if (transform == nullptr) return;
  transform->forward(image, *ranges.back());
  ranges.push_back(transform->ranges(ranges.back()));
  transforms.push_back(std::move(transform));
}

PixelRules EncodingPlan::rules() const {
  const Ranges& ranges = *transformed.ranges.back();
  return {ranges, alpha_zero && ranges.min(3) <= 0 && ranges.max(3) > 0, choices.invisible_predictor};
}

PropertyIntervals EncodingPlan::properties(int plane) const {
  return property_intervals(*transformed.ranges.back(), plane, choices.interlaced);
}

EncodingPlan plan_encoding(const Image& original, const EncoderChoices& choices) {
  Image image = without_redundant_channels(original);
  EncodingPlan plan;
  plan.choices = choices;
  plan.alpha_zero = image.planes == 4 && choices.alpha_zero;
  if (plan.alpha_zero) blacken_invisible(image);
  if (choices.checksum) plan.checksum = checksum(image, plan.alpha_zero);
  plan.transformed = transform(image, choices, plan.alpha_zero);
  const PixelRules rules = plan.rules();
  fill_invisible(plan.transformed.image, rules, choices.interlaced);
  if (choices.interlaced) {
    plan.interlaced.first_fine_zoom = std::max(0, top_zoom(image) - kFineLevels);
    plan.interlaced.predictors = choose_predictors(plan.transformed.image, rules, choices.predictors);
  }
  return plan;
}

void show_plane(EncodingPlan& plan, int plane, TreeLearner& learner) {
  Image& image = plan.transformed.image;
  LearningSampler sampler{learner};
  if (!plan.choices.interlaced) {
    code_plane(image, plan.rules(), plane, sampler);
    return;
  }
  for (int zoom = plan.interlaced.first_fine_zoom; zoom >= 0; --zoom)
    code_level(image, plan.rules(), plane, zoom, plan.interlaced.predictors[static_cast<std::size_t>(plane)],
               sampler);
}

// A plane's tree depends on the final samples only, so each plane is learned on its own.
void learn_trees(EncodingPlan& plan) {
  const LearningChoices& learning = plan.choices.learning;
  for (int plane = 0; plane < plan.transformed.image.planes; ++plane) {
    if (learning.passes == 0 || plan.rules().ranges.constant(plane)) continue;
    TreeLearner learner(plan.properties(plane), CostTable::standard(), learning.split_bits);
    for (int pass = 0; pass < learning.passes; ++pass) show_plane(plan, plane, learner);
    plan.trees[static_cast<std::size_t>(plane)] = learner.pruned(learning);
  }
}

std::vector<std::uint8_t> write_file(EncodingPlan& plan) {
  const EncoderChoices& choices = plan.choices;
  Image& image = plan.transformed.image;
  const PixelRules rules = plan.rules();
  const std::shared_ptr<const Adaptation> adaptation = Adaptation::of(choices.cutoff, choices.divisor);
  std::vector<std::uint8_t> out;
  write_header(out, {image.width, image.height, image.planes, choices.interlaced});
  RangeEncoder coder(out);
  ParametersOf<RangeEncoder> parameters(coder);
  write_second_header(parameters, plan);
  if (choices.interlaced) {
    if (plan.alpha_zero && rules.ranges.min(3) <= 0)
      parameters.uniform(0, kPredictors - 1, choices.invisible_predictor);
    code_interlaced_data(coder, image, rules, *adaptation, plan.trees, plan.interlaced);
  } else {
    code_scanline_data(coder, image, rules, *adaptation, plan.trees);
  }
  const bool with_checksum = choices.checksum && out.size() > kChecksumBytes;
  parameters.uniform(0, 1, with_checksum);
  if (with_checksum) {
    parameters.uniform(0, 65535, static_cast<int>(plan.checksum >> 16));
    parameters.uniform(0, 65535, static_cast<int>(plan.checksum & 0xFFFF));
  }
  coder.finish();
  return out;
}

std::vector<std::uint8_t> encode(const Image& image, const EncoderChoices& choices) {
  EncodingPlan plan = plan_encoding(image, choices);
  learn_trees(plan);
  return write_file(plan);
}

}  // namespace flif
