// From samples to the bytes of a .flif file: description sections 4, 6 and 11.
#pragma once

#include <cstdint>
#include <vector>

#include "encoder_choices.h"
#include "image.h"

namespace flif {

// The image with the fewest channels that hold it: without an alpha that is 255 everywhere, and gray
// where R = G = B.
Image without_redundant_channels(Image image);

// Encodes an image of 8-bit samples with exactly these choices.
std::vector<std::uint8_t> encode(const Image& image, const EncoderChoices& choices);

}  // namespace flif
