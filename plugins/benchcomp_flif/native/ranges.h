// Description section 5: which values a sample can have.
//
// A Ranges object knows the bounds of every plane, and the interval of a sample given the samples of the
// planes before it at the same position. Each transform wraps the Ranges of the one before.
#pragma once

#include <algorithm>
#include <array>
#include <memory>

namespace flif {

struct Interval {
  int lo = 0;
  int hi = 0;
  bool contains(int value) const { return lo <= value && value <= hi; }
};

class Ranges {
 public:
  Ranges(int planes, const std::array<Interval, 4>& bounds) : planes_(planes), bounds_(bounds) {}
  virtual ~Ranges() = default;

  int planes() const { return planes_; }
  const Interval& bounds(int plane) const { return bounds_[static_cast<std::size_t>(plane)]; }
  int min(int plane) const { return bounds(plane).lo; }
  int max(int plane) const { return bounds(plane).hi; }
  bool constant(int plane) const { return min(plane) == max(plane); }

  // The interval of a sample of `plane`; `before` holds the samples of planes 0 and 1 at its position, as
  // far as they precede it. Only planes 1 and 2 depend on it. May be empty (lo > hi) for a colour that
  // can't occur.
  virtual Interval interval(int plane, const int* before) const = 0;

  // The same interval, never empty, with `value` moved to the nearest value allowed.
  virtual Interval snap(int plane, const int* before, int& value) const {
    Interval range = interval(plane, before);
    if (range.hi < range.lo) range.hi = range.lo;
    value = std::clamp(value, range.lo, range.hi);
    return range;
  }

 protected:
  const std::array<Interval, 4>& all_bounds() const { return bounds_; }

 private:
  int planes_;
  std::array<Interval, 4> bounds_;
};

using RangesPtr = std::shared_ptr<const Ranges>;

// Ranges that depend on nothing.
class StaticRanges final : public Ranges {
 public:
  using Ranges::Ranges;
  Interval interval(int plane, const int*) const override { return bounds(plane); }
};

// Before all transforms.
inline RangesPtr eight_bit_ranges(int planes) {
  constexpr Interval byte{0, 255};
  return std::make_shared<StaticRanges>(planes, std::array<Interval, 4>{byte, byte, byte, byte});
}

}  // namespace flif
