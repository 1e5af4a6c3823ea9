// Description section 10: the checksum of the original image.
#pragma once

#include <cstdint>

#include "image.h"

namespace flif {

// `image` as it was before all transforms. `alpha_zero`: colours count as 0 where alpha is 0.
std::uint32_t checksum(const Image& image, bool alpha_zero);

}  // namespace flif
