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

// The image as it will be coded, and how it came to be so.
struct Prepared {
  Image image;
  std::vector<TransformPtr> transforms;
  std::vector<RangesPtr> ranges;  // before each transform, and after the last

  void apply(TransformPtr transform) {
    if (transform == nullptr) return;
    transform->forward(image, *ranges.back());
    ranges.push_back(transform->ranges(ranges.back()));
    transforms.push_back(std::move(transform));
  }
};

void blacken_invisible(Image& image) {
  for (std::size_t i = 0; i < image.pixels(); ++i) {
    if (image[3][i] != 0) continue;
    for (int plane = 0; plane < 3; ++plane) image[plane][i] = 0;
  }
}

// 11.1: each transform sees the output of the one before. Null transforms weren't worth it.
Prepared prepare(const Image& image, const EncoderChoices& choices, bool alpha_zero) {
  constexpr Interval byte{0, 255};
  Prepared prepared{image, {}, {}};
  prepared.ranges.push_back(std::make_shared<StaticRanges>(image.planes, std::array<Interval, 4>{byte, byte, byte, byte}));
  const std::size_t pixels = image.pixels();
  if (pixels <= kTransformPixels) return prepared;
  const auto source = [&prepared]() -> const Ranges& { return *prepared.ranges.back(); };
  const auto count = [&prepared] { return prepared.transforms.size(); };

  if (choices.channel_compact) prepared.apply(plan_channel_compact(prepared.image, source()));
  const std::size_t before_color = count();
  if (choices.ycocg) prepared.apply(plan_ycocg(source()));
  if (choices.permute_planes && count() == before_color) prepared.apply(plan_permute_planes(source(), choices.subtract_green));
  if (choices.bounds) prepared.apply(plan_bounds(prepared.image, source(), alpha_zero));
  const std::size_t max_colors = std::min(choices.max_palette, pixels / 3);
  const std::size_t before_palette = count();
  prepared.apply(plan_palette_alpha(prepared.image, source(), alpha_zero, max_colors));
  if (count() == before_palette) prepared.apply(plan_palette(prepared.image, source(), alpha_zero, max_colors));
  const bool always = choices.color_buckets == Use::kAlways;
  if (always || (choices.color_buckets == Use::kIfWorth && pixels > kColorBucketPixels))
    prepared.apply(plan_color_buckets(prepared.image, source(), alpha_zero, always));
  return prepared;
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

// One plane's tree depends on the final samples only, so each plane is learned on its own.
Tree learn_tree(Image& image, const PixelRules& rules, int plane, const CostTable& costs, const EncoderChoices& choices,
                const InterlacedChoices& interlaced) {
  if (choices.learning.passes == 0) return {};
  TreeLearner learner(property_intervals(rules.ranges, plane, choices.interlaced), costs, choices.learning.split_bits);
  LearningSampler sampler{learner};
  for (int pass = 0; pass < choices.learning.passes; ++pass) {
    if (!choices.interlaced) {
      code_plane(image, rules, plane, sampler);
      continue;
    }
    for (int zoom = interlaced.first_fine_zoom; zoom >= 0; --zoom)
      code_level(image, rules, plane, zoom, interlaced.predictors[static_cast<std::size_t>(plane)], sampler);
  }
  return learner.pruned(choices.learning);
}

Trees learn_trees(Image& image, const PixelRules& rules, const Adaptation& adaptation, const EncoderChoices& choices,
                  const InterlacedChoices& interlaced) {
  const bool standard = choices.cutoff == Adaptation::kDefaultCutoff && choices.divisor == Adaptation::kDefaultDivisor;
  const std::unique_ptr<CostTable> own = standard ? nullptr : std::make_unique<CostTable>(adaptation);
  const CostTable& costs = own != nullptr ? *own : CostTable::standard();
  Trees trees;
  for (int plane = 0; plane < image.planes; ++plane)
    if (!rules.ranges.constant(plane))
      trees[static_cast<std::size_t>(plane)] = learn_tree(image, rules, plane, costs, choices, interlaced);
  return trees;
}

void write_second_header(ParameterCoder& parameters, const EncoderChoices& choices, bool alpha_zero, const Prepared& prepared) {
  if (prepared.image.planes > 3) parameters.uniform(0, 1, alpha_zero);
  const bool custom = choices.cutoff != Adaptation::kDefaultCutoff || choices.divisor != Adaptation::kDefaultDivisor;
  parameters.uniform(0, 1, custom);
  if (custom) {
    parameters.uniform(1, 128, choices.cutoff);
    parameters.uniform(2, 128, choices.divisor);
    parameters.uniform(0, 1, 0);
  }
  for (std::size_t i = 0; i < prepared.transforms.size(); ++i) {
    Transform& transform = *prepared.transforms[i];
    parameters.uniform(0, 1, 1);
    parameters.uniform(0, kLastTransformId, static_cast<int>(transform.id()));
    transform.code(parameters, *prepared.ranges[i]);
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

std::vector<std::uint8_t> encode(const Image& original, const EncoderChoices& choices) {
  Image image = without_redundant_channels(original);
  const bool alpha_zero = image.planes == 4 && choices.alpha_zero;
  if (alpha_zero) blacken_invisible(image);
  Prepared prepared = prepare(image, choices, alpha_zero);
  const Ranges& ranges = *prepared.ranges.back();
  PixelRules rules{ranges, alpha_zero && ranges.min(3) <= 0 && ranges.max(3) > 0, choices.invisible_predictor};
  fill_invisible(prepared.image, rules, choices.interlaced);
  InterlacedChoices interlaced;
  if (choices.interlaced) {
    interlaced.first_fine_zoom = std::max(0, top_zoom(image) - kFineLevels);
    interlaced.predictors = choose_predictors(prepared.image, rules, choices.predictors);
  }
  const Adaptation adaptation(choices.cutoff, choices.divisor);
  Trees trees = learn_trees(prepared.image, rules, adaptation, choices, interlaced);

  std::vector<std::uint8_t> out;
  write_header(out, {image.width, image.height, image.planes, choices.interlaced});
  RangeEncoder coder(out);
  ParametersOf<RangeEncoder> parameters(coder);
  write_second_header(parameters, choices, alpha_zero, prepared);
  if (choices.interlaced) {
    if (alpha_zero && ranges.min(3) <= 0) parameters.uniform(0, kPredictors - 1, choices.invisible_predictor);
    code_interlaced_data(coder, prepared.image, rules, adaptation, trees, interlaced);
  } else {
    code_scanline_data(coder, prepared.image, rules, adaptation, trees);
  }
  const bool write_checksum = choices.checksum && out.size() > kChecksumBytes;
  parameters.uniform(0, 1, write_checksum);
  if (write_checksum) {
    const std::uint32_t crc = checksum(image, alpha_zero);
    parameters.uniform(0, 65535, static_cast<int>(crc >> 16));
    parameters.uniform(0, 65535, static_cast<int>(crc & 0xFFFF));
  }
  coder.finish();
  return out;
}

}  // namespace flif
