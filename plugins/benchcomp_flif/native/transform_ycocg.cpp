// Description 8.1: YCoCg, the reversible luma and chroma transform.
#include <algorithm>
#include <cstdlib>

#include "transforms.h"

namespace flif {

namespace {

class YCoCgRanges final : public Ranges {
 public:
  YCoCgRanges(const Ranges& source, int quarter)
      : Ranges(source.planes(), {{{0, 4 * quarter - 1},
                                  {1 - 4 * quarter, 4 * quarter - 1},
                                  {1 - 4 * quarter, 4 * quarter - 1},
                                  alpha(source)}}),
        most_(4 * quarter - 1) {}

  Interval interval(int plane, const int* before) const override {
    if (plane == 0 || plane == 3) return bounds(plane);
    const int y = before[0];
    const int co_limit = std::min({most_, 4 * y + 3, 4 * (most_ - y)});
    if (plane == 1) return {-co_limit, co_limit};
    const int co = std::abs(before[1]);
    if (co > co_limit) return {2 * (most_ + 1), -2 * (most_ + 1)};  // an impossible colour
    const int a = 2 * y + 1;
    const int b = 2 * (most_ - y);
    return {-std::min(a, b - 2 * ((co + 1) / 2)), std::min(b, a - 2 * (co / 2))};
  }

 private:
  static Interval alpha(const Ranges& source) { return source.planes() > 3 ? source.bounds(3) : Interval{}; }
  int most_;
};

class YCoCg final : public Transform {
 public:
  YCoCg() : Transform(TransformId::kYCoCg) {}

  void code(ParameterCoder&, const Ranges&) override {}

  RangesPtr ranges(const RangesPtr& source) const override {
    const int most = std::max({source->max(0), source->max(1), source->max(2)});
    return std::make_shared<YCoCgRanges>(*source, most / 4 + 1);
  }

  void forward(Image& image, const Ranges&) const override {
    for (std::size_t i = 0; i < image.pixels(); ++i) {
      const int r = image[0][i], g = image[1][i], b = image[2][i];
      const int half = (r + b) >> 1;
      image[0][i] = static_cast<Sample>((half + g) >> 1);
      image[1][i] = static_cast<Sample>(r - b);
      image[2][i] = static_cast<Sample>(g - half);
    }
  }

  void inverse(Image& image, const Ranges& source) const override {
    for (std::size_t i = 0; i < image.pixels(); ++i) {
      const int y = image[0][i], co = image[1][i], cg = image[2][i];
      const int g = y - ((-cg) >> 1);
      const int b = y + ((1 - cg) >> 1) - (co >> 1);
      const int r = co + b;
      image[0][i] = static_cast<Sample>(std::clamp(r, 0, source.max(0)));
      image[1][i] = static_cast<Sample>(std::clamp(g, 0, source.max(1)));
      image[2][i] = static_cast<Sample>(std::clamp(b, 0, source.max(2)));
    }
  }
};

}  // namespace

bool ycocg_applies(const Ranges& source) {
  if (source.planes() < 3) return false;
  for (int plane = 0; plane < 3; ++plane)
    if (source.min(plane) < 0 || source.constant(plane)) return false;
  return true;
}

TransformPtr make_ycocg() { return std::make_unique<YCoCg>(); }

TransformPtr plan_ycocg(const Ranges& source) { return ycocg_applies(source) ? make_ycocg() : nullptr; }

}  // namespace flif
