// The samples of an image as separate planes: 0 = R, Y, gray or nothing, 1 = G, Co or a palette index,
// 2 = B or Cg, 3 = alpha. Transforms change the planes in place.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace flif {

using Sample = std::int16_t;

struct Image {
  int width = 0;
  int height = 0;
  int planes = 0;  // 1, 3 or 4
  std::array<std::vector<Sample>, 4> samples;

  std::size_t pixels() const { return static_cast<std::size_t>(width) * static_cast<std::size_t>(height); }
  std::vector<Sample>& operator[](int plane) { return samples[static_cast<std::size_t>(plane)]; }
  const std::vector<Sample>& operator[](int plane) const { return samples[static_cast<std::size_t>(plane)]; }
};

// Makes the colours black where alpha is 0.
inline void blacken_invisible(Image& image) {
  for (std::size_t i = 0; i < image.pixels(); ++i) {
    if (image[3][i] != 0) continue;
    for (int plane = 0; plane < 3; ++plane) image[plane][i] = 0;
  }
}

}  // namespace flif
