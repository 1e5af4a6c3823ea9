// From the bytes of a .flif file to samples: description sections 4, 6 and 7.
#pragma once

#include <cstddef>
#include <cstdint>

#include "image.h"

namespace flif {

constexpr std::size_t kMaxPixels = std::size_t{1} << 26;

// Decodes an 8-bit still image: planes gray, RGB or RGBA, samples 0..255; colours are 0 where the file
// says that they don't matter. Throws FlifError.
Image decode(const std::uint8_t* data, std::size_t size, std::size_t max_pixels = kMaxPixels);

}  // namespace flif
