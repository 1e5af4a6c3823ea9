// Description section 10: CRC-32 over all planes, chained to the image's size.
#include "checksum.h"

#include <array>

#include "transforms.h"

namespace flif {

namespace {

std::array<std::uint32_t, 256> crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value & 1) != 0 ? 0xEDB88320u ^ value >> 1 : value >> 1;
    table[i] = value;
  }
  return table;
}

}  // namespace

std::uint32_t checksum(const Image& image, bool alpha_zero) {
  static const std::array<std::uint32_t, 256> table = crc_table();
  std::uint32_t crc =
      ~((static_cast<std::uint32_t>(image.width) << 16) + static_cast<std::uint32_t>(image.height));
  const auto add = [&crc](std::uint32_t byte) { crc = table[(crc ^ byte) & 0xFF] ^ crc >> 8; };
  for (int plane = 0; plane < image.planes; ++plane) {
    for (std::size_t i = 0; i < image.pixels(); ++i) {
      const bool counts = plane == 3 || visible(image, i, alpha_zero);
      const auto sample = static_cast<std::uint32_t>(counts ? image[plane][i] : 0);
      add(sample & 0xFF);
      if (plane == 1 || plane == 2) add(sample >> 8 & 0xFF);
    }
  }
  return ~crc;
}

}  // namespace flif
