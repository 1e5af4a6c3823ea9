// An encoder that tries several choices and keeps the shortest file; for small images.
#pragma once

#include <cstdint>
#include <vector>

#include "encoder_choices.h"
#include "image.h"

namespace flif {

// Never longer than encode(image, choices).
std::vector<std::uint8_t> encode_smallest(const Image& image, const EncoderChoices& choices);

}  // namespace flif
