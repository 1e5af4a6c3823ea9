// Description sections 1, 6 and 10 as far as reader and writer share them: what a FLIF file says about
// an image before its pixels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace flif {

struct FileHeader {
  int width = 0;
  int height = 0;
  int channels = 0;  // 1, 3 or 4
  bool interlaced = false;
};

void write_header(std::vector<std::uint8_t>& out, const FileHeader& header);

// Reads the header and skips metadata; `*next` is set to where the range-coded data starts. Throws
// FlifError for what is not FLIF, not supported, or larger than `max_pixels`.
FileHeader read_header(const std::uint8_t* begin, const std::uint8_t* end, std::size_t max_pixels,
                       const std::uint8_t** next);

}  // namespace flif
