// Description sections 4, 6 and 7: second header, pixels, transforms undone, checksum.
#include "decoder.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "checksum.h"
#include "errors.h"
#include "file_format.h"
#include "pixel_data.h"
#include "range_coder.h"
#include "transforms.h"

namespace flif {

namespace {

struct TransformChain {
  std::vector<TransformPtr> transforms;
  std::vector<RangesPtr> ranges;  // before each transform, and after the last
};

std::shared_ptr<const Adaptation> read_adaptation(ParameterCoder& parameters) {
  if (parameters.uniform(0, 1, 0) == 0)
    return Adaptation::of(Adaptation::kDefaultCutoff, Adaptation::kDefaultDivisor);
  const int cutoff = parameters.uniform(1, 128, 0);
  const int divisor = parameters.uniform(2, 128, 0);
  if (parameters.uniform(0, 1, 0) != 0) throw FlifError("unsupported file: custom initial chances");
  return Adaptation::of(cutoff, divisor);
}

TransformChain read_transforms(ParameterCoder& parameters, int planes, bool alpha_zero) {
  TransformChain chain;
  chain.ranges.push_back(eight_bit_ranges(planes));
  int last = -1;
  while (parameters.uniform(0, 1, 0) != 0) {
    const int id = parameters.uniform(0, kLastTransformId, 0);
    if (id <= last) throw FlifError("damaged file: transforms out of order");
    last = id;
    const RangesPtr& source = chain.ranges.back();
    chain.transforms.push_back(make_transform(id, *source, alpha_zero));
    chain.transforms.back()->code(parameters, *source);
    chain.ranges.push_back(chain.transforms.back()->ranges(source));
  }
  return chain;
}

}  // namespace

Image decode(const std::uint8_t* data, std::size_t size, std::size_t max_pixels) {
  const std::uint8_t* start = nullptr;
  const FileHeader header = read_header(data, data + size, std::min(max_pixels, kMaxPixels), &start);
  RangeDecoder coder(start, data + size);
  ParametersOf<RangeDecoder> parameters(coder);

  const bool alpha_zero = header.channels == 4 && parameters.uniform(0, 1, 0) != 0;
  const std::shared_ptr<const Adaptation> adaptation = read_adaptation(parameters);
  const TransformChain chain = read_transforms(parameters, header.channels, alpha_zero);
  const Ranges& ranges = *chain.ranges.back();
  PixelRules rules{ranges, false};
  if (alpha_zero) {
    rules.alpha_zero = ranges.min(3) <= 0 && ranges.max(3) > 0;
    if (header.interlaced && ranges.min(3) <= 0)
      rules.invisible_predictor = parameters.uniform(0, kPredictors - 1, 0);
  }

  Image image;
  image.width = header.width;
  image.height = header.height;
  image.planes = header.channels;
  for (int plane = 0; plane < image.planes; ++plane)
    image[plane].assign(image.pixels(), static_cast<Sample>(ranges.constant(plane) ? ranges.min(plane) : 0));
  Trees trees;
  if (header.interlaced)
    code_interlaced_data(coder, image, rules, *adaptation, trees, {});
  else
    code_scanline_data(coder, image, rules, *adaptation, trees);

  const bool has_checksum = parameters.uniform(0, 1, 0) != 0;
  std::uint32_t expected = 0;
  for (int i = 0; has_checksum && i < 2; ++i)
    expected = expected << 16 | static_cast<std::uint32_t>(parameters.uniform(0, 65535, 0));

  for (std::size_t i = chain.transforms.size(); i-- > 0;)
    chain.transforms[i]->inverse(image, *chain.ranges[i]);
  if (alpha_zero) blacken_invisible(image);
  if (has_checksum && checksum(image, alpha_zero) != expected)
    throw FlifError("damaged file: the checksum differs");
  return image;
}

}  // namespace flif
