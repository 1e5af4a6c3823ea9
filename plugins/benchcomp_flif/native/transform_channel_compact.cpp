// Description 8.0: ChannelCompact numbers the values that a channel really uses.
#include <algorithm>
#include <array>
#include <vector>

#include "transforms.h"

namespace flif {

namespace {

class ChannelCompact final : public Transform {
 public:
  ChannelCompact() : Transform(TransformId::kChannelCompact) {}
  explicit ChannelCompact(std::array<std::vector<int>, 4> values) : ChannelCompact() {
    values_ = std::move(values);
  }

  void code(ParameterCoder& coder, const Ranges& source) override {
    Chances chances = kInitialChances;
    for (int plane = 0; plane < source.planes(); ++plane) {
      auto& values = values_[static_cast<std::size_t>(plane)];
      const int max = source.max(plane);
      int lo = source.min(plane);
      int left = coder.number(chances, 0, max - lo, static_cast<int>(values.size()) - 1);
      values.resize(static_cast<std::size_t>(left) + 1);
      for (int& value : values) {
        value = lo + coder.number(chances, 0, max - lo - left, value - lo);
        lo = value + 1;
        --left;
      }
    }
  }

  RangesPtr ranges(const RangesPtr& source) const override {
    std::array<Interval, 4> bounds{};
    for (std::size_t plane = 0; plane < static_cast<std::size_t>(source->planes()); ++plane)
      bounds[plane] = {0, static_cast<int>(values_[plane].size()) - 1};
    return std::make_shared<StaticRanges>(source->planes(), bounds);
  }

  void forward(Image& image, const Ranges&) const override {
    for (int plane = 0; plane < image.planes; ++plane) {
      const auto& values = values_[static_cast<std::size_t>(plane)];
      std::array<Sample, 256> index{};
      for (std::size_t i = 0; i < values.size(); ++i)
        index[static_cast<std::size_t>(values[i])] = static_cast<Sample>(i);
      for (Sample& sample : image[plane]) sample = index[static_cast<std::size_t>(sample)];
    }
  }

  void inverse(Image& image, const Ranges&) const override {
    for (int plane = 0; plane < image.planes; ++plane) {
      const auto& values = values_[static_cast<std::size_t>(plane)];
      for (Sample& sample : image[plane]) {
        const bool known = sample >= 0 && static_cast<std::size_t>(sample) < values.size();
        sample = static_cast<Sample>(values[known ? static_cast<std::size_t>(sample) : 0]);
      }
    }
  }

 private:
  std::array<std::vector<int>, 4> values_;
};

}  // namespace

TransformPtr make_channel_compact() { return std::make_unique<ChannelCompact>(); }

// 11.1: worth it where a channel uses at most nine tenths of its span, or fewer than ten values. The extra
// values half-way into each gap serve progressive previews in the reference; they are part of its bytes.
TransformPtr plan_channel_compact(const Image& image, const Ranges& source) {
  std::array<std::vector<int>, 4> values;
  bool worth = false;
  for (int plane = 0; plane < image.planes; ++plane) {
    std::array<bool, 256> used{};
    for (Sample sample : image[plane]) used[static_cast<std::size_t>(sample)] = true;
    if (plane == 3) used[0] = true;
    const auto distinct = std::count(used.begin(), used.end(), true);
    if (10 * distinct <= 9 * (source.max(plane) - source.min(plane)) || distinct < 10) worth = true;
    int previous = 0;
    for (int value = 0; value < 256; ++value) {
      if (!used[static_cast<std::size_t>(value)]) continue;
      auto& list = values[static_cast<std::size_t>(plane)];
      if (distinct < 10 && value > previous + 1) list.push_back((value + previous) / 2);
      list.push_back(value);
      previous = value;
    }
  }
  return worth ? std::make_unique<ChannelCompact>(std::move(values)) : nullptr;
}

}  // namespace flif
