// Description section 2: the 24-bit binary range coder with carry propagation.
//
// RangeDecoder and RangeEncoder have the same two members, bit() and even_bit(): the decoder ignores the
// bit that it is given and returns the one that it reads, the encoder writes the bit and returns it.
// Everything above is written once, as templates over this pair.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "errors.h"

namespace flif {

class RangeDecoder {
 public:
  RangeDecoder(const std::uint8_t* begin, const std::uint8_t* end) : next_(begin), end_(end) {
    for (int i = 0; i < 3; ++i) low_ = low_ << 8 | next_byte();
  }

  // A bit that is 1 with a chance of chance12 / 4096.
  bool bit(std::uint32_t chance12, bool = false) {
    return split(static_cast<std::uint32_t>((std::uint64_t{range_} * chance12 + 2048) >> 12));
  }

  bool even_bit(bool = false) { return split(range_ >> 1); }

 private:
  bool split(std::uint32_t chance) {
    const std::uint32_t zero = range_ - chance;
    const bool bit = low_ >= zero;
    low_ = bit ? low_ - zero : low_;
    range_ = bit ? chance : zero;
    while (range_ <= 1u << 16) {
      range_ <<= 8;
      low_ = low_ << 8 | next_byte();
    }
    return bit;
  }

  // An encoder's flush leaves the decoder exactly at the end of the file, so a read past it means a
  // truncated or damaged file; going on would decode noise for as long as the header promises.
  std::uint32_t next_byte() {
    if (next_ == end_) throw FlifError("the file is truncated");
    return *next_++;
  }

  const std::uint8_t* next_;
  const std::uint8_t* end_;
  std::uint32_t range_ = 1u << 24;
  std::uint32_t low_ = 0;
};

class RangeEncoder {
 public:
  explicit RangeEncoder(std::vector<std::uint8_t>& out) : out_(out) {}

  bool bit(std::uint32_t chance12, bool bit) {
    split(static_cast<std::uint32_t>((std::uint64_t{range_} * chance12 + 2048) >> 12), bit);
    return bit;
  }

  bool even_bit(bool bit) {
    split(range_ >> 1, bit);
    return bit;
  }

  // Writes the three bytes that the decoder reads ahead, and everything held back.
  void finish() {
    low_ += (1u << 16) - 1;
    for (int i = 0; i < 3; ++i) shift_out();
    release(0);
  }

 private:
  void split(std::uint32_t chance, bool bit) {
    if (bit) {
      low_ += range_ - chance;
      range_ = chance;
    } else {
      range_ -= chance;
    }
    while (range_ <= 1u << 16) {
      shift_out();
      range_ <<= 8;
    }
  }

  // Moves the top byte of low_ out. A later carry can still change it and any 0xFF bytes after it, so
  // one byte and a count of 0xFF bytes behind it are held back.
  void shift_out() {
    const std::uint32_t top = low_ >> 16;
    low_ = (low_ & 0xFFFF) << 8;
    if (top == 0xFF && held_ >= 0) {
      ++held_ff_;
    } else {
      release(top >> 8);
      held_ = static_cast<int>(top & 0xFF);
    }
  }

  void release(std::uint32_t carry) {
    if (held_ < 0) return;
    out_.push_back(static_cast<std::uint8_t>(static_cast<std::uint32_t>(held_) + carry));
    out_.insert(out_.end(), held_ff_, static_cast<std::uint8_t>(0xFF + carry));
    held_ff_ = 0;
  }

  std::vector<std::uint8_t>& out_;
  std::uint32_t range_ = 1u << 24;
  std::uint32_t low_ = 0;
  int held_ = -1;  // -1: nothing shifted out yet
  std::size_t held_ff_ = 0;
};

}  // namespace flif
