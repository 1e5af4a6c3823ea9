// Description 8.3: PermutePlanes reorders the planes and may subtract the first from the next two.
#include <algorithm>
#include <array>

#include "errors.h"
#include "transforms.h"

namespace flif {

namespace {

using Order = std::array<int, 4>;

class DifferenceRanges final : public Ranges {
 public:
  DifferenceRanges(const Ranges& source, const Order& order, const std::array<Interval, 4>& bounds)
      : Ranges(source.planes(), bounds) {
    for (std::size_t plane = 0; plane < static_cast<std::size_t>(source.planes()); ++plane)
      source_[plane] = source.bounds(order[plane]);
  }

  Interval interval(int plane, const int* before) const override {
    if (plane == 0 || plane == 3) return bounds(plane);
    const Interval& source = source_[static_cast<std::size_t>(plane)];
    return {source.lo - before[0], source.hi - before[0]};
  }

 private:
  std::array<Interval, 4> source_{};
};

class PermutePlanes final : public Transform {
 public:
  PermutePlanes() : PermutePlanes({0, 0, 0, 0}, false) {}
  PermutePlanes(const Order& order, bool subtract)
      : Transform(TransformId::kPermutePlanes), order_(order), subtract_(subtract) {}

  void code(ParameterCoder& coder, const Ranges& source) override {
    Chances chances = kInitialChances;
    subtract_ = coder.number(chances, 0, 1, subtract_) != 0;
    std::array<bool, 4> used{};
    for (int plane = 0; plane < source.planes(); ++plane) {
      int& from = order_[static_cast<std::size_t>(plane)];
      from = coder.number(chances, 0, source.planes() - 1, from);
      bool& taken = used[static_cast<std::size_t>(from)];
      if (taken) throw FlifError("damaged file: a plane order that isn't a permutation");
      taken = true;
      if (subtract_ && source.min(plane) < 0) throw FlifError("damaged file: differences of signed samples");
    }
  }

  RangesPtr ranges(const RangesPtr& source) const override {
    std::array<Interval, 4> bounds{};
    for (std::size_t plane = 0; plane < static_cast<std::size_t>(source->planes()); ++plane) {
      bounds[plane] = source->bounds(order_[plane]);
      if (!difference(plane)) continue;
      bounds[plane].lo -= source->max(order_[0]);
      bounds[plane].hi -= source->min(order_[0]);
    }
    if (!subtract_) return std::make_shared<StaticRanges>(source->planes(), bounds);
    return std::make_shared<DifferenceRanges>(*source, order_, bounds);
  }

  void forward(Image& image, const Ranges&) const override {
    const auto source = image.samples;
    for (std::size_t plane = 0; plane < static_cast<std::size_t>(image.planes); ++plane) {
      auto& samples = image.samples[plane];
      samples = source[index(plane)];
      if (!difference(plane)) continue;
      for (std::size_t i = 0; i < samples.size(); ++i)
        samples[i] = static_cast<Sample>(samples[i] - source[index(0)][i]);
    }
  }

  void inverse(Image& image, const Ranges& ranges) const override {
    const auto source = image.samples;
    for (std::size_t plane = 0; plane < static_cast<std::size_t>(image.planes); ++plane) {
      auto& samples = image.samples[index(plane)];
      samples = source[plane];
      if (!difference(plane)) continue;
      const Interval& limit = ranges.bounds(order_[plane]);
      for (std::size_t i = 0; i < samples.size(); ++i)
        samples[i] = static_cast<Sample>(std::clamp<int>(samples[i] + source[0][i], limit.lo, limit.hi));
    }
  }

 private:
  bool difference(std::size_t plane) const { return subtract_ && (plane == 1 || plane == 2); }
  std::size_t index(std::size_t plane) const { return static_cast<std::size_t>(order_[plane]); }

  Order order_;
  bool subtract_;
};

}  // namespace

TransformPtr make_permute_planes() { return std::make_unique<PermutePlanes>(); }

TransformPtr plan_permute_planes(const Ranges& source, const Order& order, bool subtract) {
  if (source.planes() < 3) return nullptr;
  for (int plane = 0; plane < source.planes(); ++plane)
    if (subtract && source.min(plane) < 0) return nullptr;
  return std::make_unique<PermutePlanes>(order, subtract);
}

}  // namespace flif
