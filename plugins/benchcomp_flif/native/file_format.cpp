// Description section 1: file layout.
#include "file_format.h"

#include <algorithm>
#include <string>

#include "errors.h"

namespace flif {

namespace {

constexpr std::uint8_t kMagic[] = {'F', 'L', 'I', 'F'};
constexpr std::uint8_t kEightBits = '1';
constexpr std::uint64_t kMaxVarint = std::uint64_t{1} << 32;

class Reader {
 public:
  Reader(const std::uint8_t* begin, const std::uint8_t* end) : next_(begin), end_(end) {}

  std::uint8_t byte() {
    if (next_ == end_) throw FlifError("the file is truncated");
    return *next_++;
  }

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (;;) {
      const std::uint8_t part = byte();
      value = value << 7 | (part & 127);
      if (value > kMaxVarint) throw FlifError("damaged file: a number that is too large");
      if ((part & 128) == 0) return value;
    }
  }

  void skip(std::uint64_t size) {
    if (size > static_cast<std::uint64_t>(end_ - next_)) throw FlifError("the file is truncated");
    next_ += size;
  }

  const std::uint8_t* next() const { return next_; }

 private:
  const std::uint8_t* next_;
  const std::uint8_t* end_;
};

void write_varint(std::vector<std::uint8_t>& out, std::uint32_t value) {
  for (int shift = 28; shift > 0; shift -= 7)
    if (value >> shift != 0) out.push_back(static_cast<std::uint8_t>(128 | (value >> shift & 127)));
  out.push_back(static_cast<std::uint8_t>(value & 127));
}

void skip_metadata(Reader& reader) {
  for (;;) {
    const std::uint8_t first = reader.byte();
    if (first == 0) return;
    if (first < 32) throw FlifError("unsupported file: not of bitstream version FLIF16");
    reader.skip(3);  // the rest of the chunk's name
    const bool optional = first >= 'a' && first <= 'z';
    if (!optional) throw FlifError("unsupported file: it needs an unknown kind of chunk");
    reader.skip(reader.varint());
  }
}

}  // namespace

void write_header(std::vector<std::uint8_t>& out, const FileHeader& header) {
  out.insert(out.end(), std::begin(kMagic), std::end(kMagic));
  out.push_back(static_cast<std::uint8_t>(0x20 + (header.interlaced ? 0x20 : 0x10) + header.channels));
  out.push_back(kEightBits);
  write_varint(out, static_cast<std::uint32_t>(header.width - 1));
  write_varint(out, static_cast<std::uint32_t>(header.height - 1));
  out.push_back(0);
}

FileHeader read_header(const std::uint8_t* begin, const std::uint8_t* end, std::size_t max_pixels,
                       const std::uint8_t** next) {
  if (end - begin < 4 || !std::equal(std::begin(kMagic), std::end(kMagic), begin))
    throw FlifError("not a FLIF file");
  Reader reader(begin + 4, end);
  const int format = reader.byte() - 0x20;
  FileHeader header;
  header.interlaced = format >> 4 == 2;
  header.channels = format & 15;
  if (format >> 4 == 3 || format >> 4 == 4) throw FlifError("unsupported file: an animation");
  const bool known_channels = header.channels == 1 || header.channels == 3 || header.channels == 4;
  if ((format >> 4 != 1 && format >> 4 != 2) || !known_channels)
    throw FlifError("damaged file: an unknown kind of image");
  if (reader.byte() != kEightBits) throw FlifError("unsupported file: not 8 bits per channel");
  const std::uint64_t width = reader.varint() + 1;
  const std::uint64_t height = reader.varint() + 1;
  if (width > max_pixels || height > max_pixels || width * height > max_pixels)
    throw FlifError("the image of " + std::to_string(width) + "x" + std::to_string(height) +
                    " pixels is larger than the limit of " + std::to_string(max_pixels));
  header.width = static_cast<int>(width);
  header.height = static_cast<int>(height);
  skip_metadata(reader);
  *next = reader.next();
  return header;
}

}  // namespace flif
