// Description section 3: how integers become bits, and how the chance of each bit adapts.
//
// The functions are templates over a coder (range_coder.h) or over anything callable as
// bool(slot, bit), and serve both directions: given the value, an encoder writes and returns it; a decoder
// ignores it and returns what it reads.
#pragma once

#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>

namespace flif {

constexpr int kMaxExponents = 17;
constexpr int kSlots = 2 + 3 * (kMaxExponents + 1);

// Slots of a context (3.2), ordered by magnitude, so that small numbers touch neighbouring slots.
constexpr int kZeroSlot = 0;
constexpr int kSignSlot = 1;
constexpr int exponent_slot(int exponent, bool positive) { return 2 + 3 * exponent + (positive ? 1 : 0); }
constexpr int mantissa_slot(int bit) { return 2 + 3 * bit + 2; }

// A context: the chance of a 1, out of 4096, for each bit position of a number.
using Chances = std::array<std::uint16_t, kSlots>;
extern const Chances kInitialChances;

// How chances move (3.3): next[bit][chance].
struct Adaptation {
  static constexpr int kDefaultCutoff = 2;
  static constexpr int kDefaultDivisor = 19;

  Adaptation(int cutoff, int divisor);
  static const Adaptation& standard();
  // The standard one or, for other parameters, a new one.
  static std::shared_ptr<const Adaptation> of(int cutoff, int divisor);

  std::array<std::array<std::uint16_t, 4096>, 2> next{};
};

inline int ilog2(unsigned value) { return 31 - __builtin_clz(value | 1u); }

// 3.1: lo..hi, all equally likely.
template <class Coder>
int uniform(Coder& coder, int lo, int hi, int value) {
  int span = hi - lo;
  while (span > 0) {
    const int half = span / 2;
    if (coder.even_bit(value > lo + half)) {
      lo += half + 1;
      span -= half + 1;
    } else {
      span = half;
    }
  }
  return lo;
}

// 3.2: lo..hi with lo <= 0 <= hi, values near zero cheapest. `bits(slot, bit)` codes one bit.
template <class Bits>
inline int near_zero(Bits&& bits, int lo, int hi, int value) {
  if (lo == hi) return lo;
  if (bits(kZeroSlot, value == 0)) return 0;
  const bool positive = lo < 0 && hi > 0 ? bits(kSignSlot, value > 0) : hi > 0;
  const int limit = positive ? hi : -lo;
  const int known = std::abs(value);
  const int known_exponent = ilog2(static_cast<unsigned>(known));
  const int top = ilog2(static_cast<unsigned>(limit));
  int exponent = 0;
  while (exponent < top && !bits(exponent_slot(exponent, positive), exponent == known_exponent)) ++exponent;
  int magnitude = 1 << exponent;
  for (int i = exponent - 1; i >= 0; --i) {
    if ((magnitude | 1 << i) > limit) continue;
    if (bits(mantissa_slot(i), (known >> i & 1) != 0)) magnitude |= 1 << i;
  }
  return positive ? magnitude : -magnitude;
}

// One number in a context: each bit is coded with its chance, which then adapts.
template <class Coder>
int near_zero(Coder& coder, Chances& chances, const Adaptation& adaptation, int lo, int hi, int value) {
  return near_zero(
      [&](int slot, bool bit) {
        std::uint16_t& chance = chances[static_cast<std::size_t>(slot)];
        bit = coder.bit(chance, bit);
        chance = adaptation.next[bit][chance];
        return bit;
      },
      lo, hi, value);
}

// Header data (transform parameters, trees, signals) in either direction, always with the default
// adaptation. It is virtual so that a transform describes its parameters once, for reader and writer.
class ParameterCoder {
 public:
  virtual ~ParameterCoder() = default;
  virtual int uniform(int lo, int hi, int value) = 0;
  // 3.4: lo..hi anywhere; coded as the distance from the end nearest to zero where zero is outside.
  virtual int number(Chances& chances, int lo, int hi, int value) = 0;
};

// Throws where lo > hi, which only a damaged file can ask for.
void check_interval(int lo, int hi);

template <class Coder>
class ParametersOf final : public ParameterCoder {
 public:
  explicit ParametersOf(Coder& coder) : coder_(coder) {}

  int uniform(int lo, int hi, int value) override {
    check_interval(lo, hi);
    return flif::uniform(coder_, lo, hi, value);
  }

  int number(Chances& chances, int lo, int hi, int value) override {
    check_interval(lo, hi);
    const int base = lo > 0 ? lo : hi < 0 ? hi : 0;
    return base + near_zero(coder_, chances, Adaptation::standard(), lo - base, hi - base, value - base);
  }

 private:
  Coder& coder_;
};

// Codes nothing and agrees with everything: for passes that only look (learning, predictor choice).
class NoParameters final : public ParameterCoder {
 public:
  int uniform(int, int, int value) override { return value; }
  int number(Chances&, int, int, int value) override { return value; }
};

}  // namespace flif
