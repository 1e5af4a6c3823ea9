// Description 8.4: Bounds narrows each plane to the smallest and largest sample that occur.
#include <algorithm>
#include <array>

#include "transforms.h"

namespace flif {

namespace {

class BoundedRanges final : public Ranges {
 public:
  BoundedRanges(RangesPtr source, const std::array<Interval, 4>& bounds)
      : Ranges(source->planes(), bounds), source_(std::move(source)) {}

  Interval interval(int plane, const int* before) const override {
    if (plane == 0 || plane == 3) return bounds(plane);
    return intersect(plane, source_->interval(plane, before));
  }

  Interval snap(int plane, const int* before, int& value) const override {
    const Interval range = intersect(plane, source_->snap(plane, before, value));
    value = std::clamp(value, range.lo, range.hi);
    return range;
  }

 private:
  Interval intersect(int plane, const Interval& range) const {
    const Interval& own = bounds(plane);
    if (plane == 0 || plane == 3) return own;
    const Interval both{std::max(own.lo, range.lo), std::min(own.hi, range.hi)};
    return both.lo <= both.hi ? both : own;
  }

  RangesPtr source_;
};

class Bounds final : public Transform {
 public:
  Bounds() : Bounds(std::array<Interval, 4>{}) {}
  explicit Bounds(const std::array<Interval, 4>& bounds) : Transform(TransformId::kBounds), bounds_(bounds) {}

  void code(ParameterCoder& coder, const Ranges& source) override {
    Chances chances = kInitialChances;
    for (int plane = 0; plane < source.planes(); ++plane) {
      Interval& bounds = bounds_[static_cast<std::size_t>(plane)];
      bounds.lo = coder.number(chances, source.min(plane), source.max(plane), bounds.lo);
      bounds.hi = coder.number(chances, bounds.lo, source.max(plane), bounds.hi);
    }
  }

  RangesPtr ranges(const RangesPtr& source) const override {
    return std::make_shared<BoundedRanges>(source, bounds_);
  }

 private:
  std::array<Interval, 4> bounds_;
};

}  // namespace

TransformPtr make_bounds() { return std::make_unique<Bounds>(); }

// 11.1: used unless it would change nothing. Pixels that can't be seen don't count.
TransformPtr plan_bounds(const Image& image, const Ranges& source, bool alpha_zero) {
  std::array<Interval, 4> bounds{};
  bool narrower = false;
  for (int plane = 0; plane < image.planes; ++plane) {
    Interval range{source.max(plane), source.min(plane)};
    const bool all = plane == 3 || image.planes < 4 || !alpha_zero;
    for (std::size_t i = 0; i < image.pixels(); ++i) {
      if (!all && image[3][i] == 0) continue;
      range.lo = std::min<int>(range.lo, image[plane][i]);
      range.hi = std::max<int>(range.hi, image[plane][i]);
    }
    if (range.lo > range.hi) range.lo = range.hi = (source.min(plane) + source.max(plane)) / 2;
    if (range.lo > source.min(plane) || range.hi < source.max(plane)) narrower = true;
    bounds[static_cast<std::size_t>(plane)] = range;
  }
  return narrower ? std::make_unique<Bounds>(bounds) : nullptr;
}

}  // namespace flif
