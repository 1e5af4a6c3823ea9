// From samples to the bytes of a .flif file: description sections 4, 6 and 11.
#pragma once

#include <cstdint>
#include <vector>

#include "encoder_choices.h"
#include "image.h"
#include "learning.h"
#include "pixel_data.h"
#include "ranges.h"
#include "transforms.h"
#include "traversal.h"

namespace flif {

// The image with the fewest channels that hold it: without an alpha that is 255 everywhere, and gray
// where R = G = B.
Image without_redundant_channels(Image image);

// An image on its way through the transforms.
struct TransformedImage {
  Image image;
  std::vector<TransformPtr> transforms;
  std::vector<RangesPtr> ranges;  // before each transform, and after the last

  void apply(TransformPtr transform);  // null: does nothing
};

// Everything that is decided before the first byte is written.
struct EncodingPlan {
  EncoderChoices choices;
  bool alpha_zero = false;  // there is an alpha channel, and colours under alpha 0 may be lost
  std::uint32_t checksum = 0;
  TransformedImage transformed;
  InterlacedChoices interlaced;
  Trees trees;

  PixelRules rules() const;
  PropertyIntervals properties(int plane) const;
};

// The three steps of encoding: transforms, trees, bytes.
EncodingPlan plan_encoding(const Image& image, const EncoderChoices& choices);
void learn_trees(EncodingPlan& plan);
std::vector<std::uint8_t> write_file(EncodingPlan& plan);

// Shows all samples of a plane that trees serve to a learner, once, in coding order.
void show_plane(EncodingPlan& plan, int plane, TreeLearner& learner);

// Encodes an image of 8-bit samples with exactly these choices.
std::vector<std::uint8_t> encode(const Image& image, const EncoderChoices& choices);

}  // namespace flif
