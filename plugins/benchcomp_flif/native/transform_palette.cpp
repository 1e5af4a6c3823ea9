// Description 8.5 and 8.6: PaletteAlpha and Palette put an index into plane 1 and the colours into a table.
#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "errors.h"
#include "transforms.h"

namespace flif {

namespace {

// In coding order of the table: alpha, Y (or R, or G), I, Q. A palette without alpha leaves alpha 0.
struct Color {
  int alpha = 0, y = 0, i = 0, q = 0;

  std::array<int, 4> key() const { return {alpha, y, i, q}; }
  bool operator<(const Color& other) const { return key() < other.key(); }
  bool operator==(const Color& other) const { return key() == other.key(); }
};

using Palette = std::vector<Color>;

// The sorted distinct colours, or nothing if there are more than `limit`. `at(pixel, color)` gives a
// pixel's colour; it returns false for a pixel that doesn't matter.
template <class At>
Palette distinct_colors(std::size_t pixels, std::size_t limit, At&& at) {
  Palette palette;
  Color color;
  for (std::size_t pixel = 0; pixel < pixels; ++pixel) {
    if (!at(pixel, color)) continue;
    const auto place = std::lower_bound(palette.begin(), palette.end(), color);
    if (place != palette.end() && *place == color) continue;
    if (palette.size() == limit) return {};
    palette.insert(place, color);
  }
  return palette;
}

class PaletteTransform final : public Transform {
 public:
  PaletteTransform(bool with_alpha, bool alpha_zero, Palette palette = {})
      : Transform(with_alpha ? TransformId::kPaletteAlpha : TransformId::kPalette),
        with_alpha_(with_alpha),
        alpha_zero_(alpha_zero),
        palette_(std::move(palette)) {}

  void code(ParameterCoder& coder, const Ranges& source) override {
    Chances size_chances = kInitialChances;
    const int size = coder.number(size_chances, 1, kMaxPaletteSize, static_cast<int>(palette_.size()));
    sorted_ = coder.number(size_chances, 0, 1, sorted_) != 0;
    palette_.resize(static_cast<std::size_t>(size));
    Contexts contexts;
    const Color* previous = nullptr;
    int least_alpha = with_alpha_ ? source.min(3) : 0;
    for (Color& color : palette_) {
      if (with_alpha_) {
        color.alpha =
            coder.number(contexts.alpha, sorted_ ? least_alpha : source.min(3), source.max(3), color.alpha);
        if (alpha_zero_ && color.alpha == 0) {
          color = Color{};
          continue;
        }
      }
      if (sorted_ && previous != nullptr)
        code_after(coder, contexts, source, color, *previous);
      else
        code_first(coder, contexts, source, color);
      least_alpha = color.alpha;
      previous = &color;
    }
  }

  RangesPtr ranges(const RangesPtr& source) const override {
    std::array<Interval, 4> bounds{};
    bounds[1].hi = static_cast<int>(palette_.size()) - 1;
    if (source->planes() > 3) bounds[3] = with_alpha_ ? Interval{1, 1} : source->bounds(3);
    return std::make_shared<StaticRanges>(source->planes(), bounds);
  }

  void forward(Image& image, const Ranges&) const override {
    for (std::size_t pixel = 0; pixel < image.pixels(); ++pixel) {
      Color color;
      const bool seen = visible(image, pixel, alpha_zero_);
      if (seen) color = color_at(image, pixel, with_alpha_);
      // A pixel that can't be seen and isn't in the table (Palette) gets any index: it won't be coded.
      const auto place = std::lower_bound(palette_.begin(), palette_.end(), color);
      image[0][pixel] = 0;
      image[1][pixel] = static_cast<Sample>(seen || with_alpha_ ? place - palette_.begin() : 0);
      image[2][pixel] = 0;
      if (with_alpha_) image[3][pixel] = 1;
    }
  }

  void inverse(Image& image, const Ranges&) const override {
    for (std::size_t pixel = 0; pixel < image.pixels(); ++pixel) {
      const int index = image[1][pixel];
      const bool known = index >= 0 && static_cast<std::size_t>(index) < palette_.size();
      const Color& color = palette_[known ? static_cast<std::size_t>(index) : 0];
      image[0][pixel] = static_cast<Sample>(color.y);
      image[1][pixel] = static_cast<Sample>(color.i);
      image[2][pixel] = static_cast<Sample>(color.q);
      if (with_alpha_) image[3][pixel] = static_cast<Sample>(color.alpha);
    }
  }

  static Color color_at(const Image& image, std::size_t pixel, bool with_alpha) {
    return {with_alpha ? image[3][pixel] : 0, image[0][pixel], image[1][pixel], image[2][pixel]};
  }

 private:
  struct Contexts {
    Chances y = kInitialChances, i = kInitialChances, q = kInitialChances, alpha = kInitialChances;
  };

  void code_first(ParameterCoder& coder, Contexts& contexts, const Ranges& source, Color& color) const {
    const Interval y = sorted_ ? source.bounds(0) : source.interval(0, nullptr);
    color.y = coder.number(contexts.y, y.lo, y.hi, color.y);
    const Interval i = chroma_interval(source, 1, color);
    color.i = coder.number(contexts.i, i.lo, i.hi, color.i);
    code_q(coder, contexts, source, color);
  }

  // In a sorted table a colour is at least the one before it: in Y among equal alphas, in I (without
  // alpha) among equal Y.
  void code_after(ParameterCoder& coder, Contexts& contexts, const Ranges& source, Color& color,
                  const Color& previous) const {
    const bool same_alpha = !with_alpha_ || color.alpha == previous.alpha;
    color.y = coder.number(contexts.y, same_alpha ? previous.y : source.min(0), source.max(0), color.y);
    Interval i = chroma_interval(source, 1, color);
    if (!with_alpha_ && color.y == previous.y) i.lo = previous.i;
    color.i = coder.number(contexts.i, i.lo, i.hi, color.i);
    code_q(coder, contexts, source, color);
  }

  void code_q(ParameterCoder& coder, Contexts& contexts, const Ranges& source, Color& color) const {
    const Interval q = chroma_interval(source, 2, color);
    color.q = coder.number(contexts.q, q.lo, q.hi, color.q);
  }

  static Interval chroma_interval(const Ranges& source, int plane, const Color& color) {
    const int before[] = {color.y, color.i};
    return source.interval(plane, before);
  }

  bool with_alpha_;
  bool alpha_zero_;
  bool sorted_ = true;
  Palette palette_;
};

}  // namespace

bool palette_alpha_applies(const Ranges& source) { return source.planes() > 3 && !source.constant(3); }

TransformPtr make_palette_alpha(bool alpha_zero) {
  return std::make_unique<PaletteTransform>(true, alpha_zero);
}
TransformPtr make_palette() { return std::make_unique<PaletteTransform>(false, false); }

// 11.1: all pixels that can't be seen are one colour, (0, 0, 0, 0).
TransformPtr plan_palette_alpha(const Image& image, const Ranges& source, bool alpha_zero,
                                std::size_t max_colors) {
  if (!palette_alpha_applies(source)) return nullptr;
  Palette palette = distinct_colors(image.pixels(), max_colors, [&](std::size_t pixel, Color& color) {
    color = visible(image, pixel, alpha_zero) ? PaletteTransform::color_at(image, pixel, true) : Color{};
    return true;
  });
  if (palette.empty()) return nullptr;
  return std::make_unique<PaletteTransform>(true, alpha_zero, std::move(palette));
}

TransformPtr plan_palette(const Image& image, const Ranges& source, bool alpha_zero, std::size_t max_colors) {
  if (source.planes() < 3) return nullptr;
  if (source.constant(0) && source.constant(1) && source.constant(2)) return nullptr;
  Palette palette = distinct_colors(image.pixels(), max_colors, [&](std::size_t pixel, Color& color) {
    if (!visible(image, pixel, alpha_zero)) return false;
    color = PaletteTransform::color_at(image, pixel, false);
    return true;
  });
  if (palette.empty()) return nullptr;
  return std::make_unique<PaletteTransform>(false, alpha_zero, std::move(palette));
}

}  // namespace flif
