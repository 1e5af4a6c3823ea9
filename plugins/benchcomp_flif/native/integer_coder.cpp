// Description sections 3.2 (initial chances) and 3.3 (adaptation tables).
#include "integer_coder.h"

#include "errors.h"

namespace flif {

namespace {

Chances initial_chances() {
  constexpr int exponents[] = {1000, 1200, 1500, 1750, 2000, 2300, 2800, 2400, 2300};
  constexpr int mantissas[] = {1900, 1850, 1800, 1750, 1650, 1600, 1600};
  Chances chances;
  chances.fill(2048);
  chances[kZeroSlot] = 1000;
  int i = 0;
  for (int chance : exponents) {
    chances[static_cast<std::size_t>(exponent_slot(i, false))] = static_cast<std::uint16_t>(chance);
    chances[static_cast<std::size_t>(exponent_slot(i++, true))] = static_cast<std::uint16_t>(chance);
  }
  i = 0;
  for (int chance : mantissas)
    chances[static_cast<std::size_t>(mantissa_slot(i++))] = static_cast<std::uint16_t>(chance);
  return chances;
}

}  // namespace

const Chances kInitialChances = initial_chances();

Adaptation::Adaptation(int cutoff, int divisor) {
  constexpr std::uint64_t one = std::uint64_t{1} << 32;
  const std::uint64_t alpha = (one - 1) / static_cast<std::uint64_t>(divisor);
  const std::uint64_t most = 4096 - static_cast<std::uint64_t>(cutoff);
  const auto towards_one = [alpha](std::uint64_t p) { return p + (((one - p) * alpha + one / 2) >> 32); };
  const auto rounded = [](std::uint64_t p) { return (4096 * p + one / 2) >> 32; };

  auto& after_one = next[1];
  std::uint64_t p = one / 2;
  std::uint64_t last = 0;
  for (int i = 0; i < 2048; ++i) {
    std::uint64_t q = rounded(p);
    if (q <= last) q = last + 1;
    if (last != 0 && last < 4096 && q <= most) after_one[last] = static_cast<std::uint16_t>(q);
    p = towards_one(p);
    last = q;
  }
  for (std::uint64_t c = 4096 - most; c <= most; ++c) {  // states that this walk didn't visit
    if (after_one[c] != 0) continue;
    std::uint64_t q = rounded(towards_one((c * one + 2048) / 4096));
    if (q <= c) q = c + 1;
    if (q > most) q = most;
    after_one[c] = static_cast<std::uint16_t>(q);
  }
  for (std::size_t c = 1; c < 4096; ++c) next[0][c] = static_cast<std::uint16_t>(4096 - after_one[4096 - c]);
}

const Adaptation& Adaptation::standard() { return *of(kDefaultCutoff, kDefaultDivisor); }

std::shared_ptr<const Adaptation> Adaptation::of(int cutoff, int divisor) {
  static const auto standard = std::make_shared<const Adaptation>(kDefaultCutoff, kDefaultDivisor);
  if (cutoff == kDefaultCutoff && divisor == kDefaultDivisor) return standard;
  return std::make_shared<const Adaptation>(cutoff, divisor);
}

void check_interval(int lo, int hi) {
  if (lo > hi) throw FlifError("damaged file: a value with no possible choice");
}

}  // namespace flif
