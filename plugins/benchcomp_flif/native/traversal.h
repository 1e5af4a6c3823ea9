// Description sections 9.2 to 9.4: the order of the samples, and the guess and properties of each.
//
// One traversal serves everything. It asks a Sampler for each sample that is coded, with
//
//     template <int kProperties>
//     int code(int plane, const int* properties, int lo, int hi, int value);
//
// where lo <= 0 <= hi and `value` are relative to the guess. A decoder ignores `value` and returns what it
// reads; an encoder, a learner or a counter makes use of it and returns it. Pixels that can't be seen
// are not coded: they get a value predicted from their neighbours, also in an encoder.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "errors.h"
#include "image.h"
#include "integer_coder.h"
#include "maniac_tree.h"
#include "ranges.h"

namespace flif {

constexpr int kPredictors = 3;

// What a traversal needs to know besides the samples.
struct PixelRules {
  const Ranges& ranges;
  bool alpha_zero;              // colours of pixels with alpha 0 are not coded
  int invisible_predictor = 2;  // what they get instead, in interlaced files
};

constexpr int color_properties(int plane, bool alpha) {
  return (plane == 3 ? 0 : plane) + (alpha && plane < 3 ? 1 : 0);
}
constexpr int scanline_properties(int plane, bool alpha) { return color_properties(plane, alpha) + 7; }
constexpr int interlaced_properties(int plane, bool alpha) {
  return color_properties(plane, alpha) + (plane == 0 || plane == 3 ? 8 : plane == 1 ? 9 : 7);
}

inline PropertyIntervals property_intervals(const Ranges& ranges, int plane, bool interlaced) {
  PropertyIntervals properties;
  const auto whole = [&](int p) { properties.add(ranges.min(p), ranges.max(p)); };
  const int span = ranges.max(plane) - ranges.min(plane);
  for (int before = 0; before < plane && plane < 3; ++before) whole(before);
  if (ranges.planes() > 3 && plane < 3) whole(3);
  if (!interlaced) whole(plane);
  properties.add(0, 2);
  if (interlaced) {
    const int luma = ranges.max(0) - ranges.min(0);
    if (plane == 1 || plane == 2) properties.add(-luma, luma);
    for (int i = 0; i < 4; ++i) properties.add(-span, span);
    whole(plane);
    if (plane != 2)
      for (int i = 0; i < 2; ++i) properties.add(-span, span);
  } else {
    for (int i = 0; i < 5; ++i) properties.add(-span, span);
  }
  return properties;
}

inline int median3(int a, int b, int c) { return std::max(std::min(a, b), std::min(std::max(a, b), c)); }

// ---------------------------------------------------------------- 9.3: non-interlaced

// One row of one plane.
template <int kPlane, bool kAlpha, class Sampler>
void code_row(Image& image, const PixelRules& rules, int y, Sampler& sampler) {
  constexpr int count = scanline_properties(kPlane, kAlpha);
  const int width = image.width;
  const auto offset = static_cast<std::size_t>(y) * static_cast<std::size_t>(width);
  Sample* const row = image[kPlane].data() + offset;
  const Sample* const above = row - (y > 0 ? width : 0);
  const Sample* const above2 = row - (y > 1 ? 2 * width : 0);
  const Sample* const plane0 = image[0].data() + offset;
  const Sample* const plane1 = kPlane == 2 ? image[1].data() + offset : nullptr;
  const Sample* const alpha = kAlpha ? image[3].data() + offset : nullptr;
  const Interval bounds = rules.ranges.bounds(kPlane);

  for (int x = 0; x < width; ++x) {
    const bool hidden = kAlpha && kPlane < 3 && rules.alpha_zero && alpha[x] == 0;
    const int fallback = hidden ? (bounds.lo + bounds.hi) / 2 : bounds.lo;
    const int left = x > 0 ? row[x - 1] : y > 0 ? above[x] : fallback;
    const int top = y > 0 ? above[x] : left;
    const int top_left = x > 0 && y > 0 ? above[x - 1] : y > 0 ? top : left;
    const int gradient = left + top - top_left;
    int guess = median3(gradient, left, top);
    if (hidden) {
      row[x] = static_cast<Sample>(guess);
      continue;
    }
    const int before[2] = {kPlane == 1 || kPlane == 2 ? plane0[x] : 0, kPlane == 2 ? plane1[x] : 0};
    const Interval range = rules.ranges.snap(kPlane, before, guess);
    const bool inner = x > 0 && y > 0;
    int properties[count];
    int* p = properties;
    if (kPlane == 1 || kPlane == 2) *p++ = before[0];
    if (kPlane == 2) *p++ = before[1];
    if (kAlpha && kPlane < 3) *p++ = alpha[x];
    *p++ = guess;
    *p++ = guess == gradient ? 0 : guess == left ? 1 : guess == top ? 2 : 0;
    *p++ = inner ? left - top_left : 0;
    *p++ = inner ? top_left - top : 0;
    *p++ = y > 0 && x + 1 < width ? top - above[x + 1] : 0;
    *p++ = y > 1 ? above2[x] - top : 0;
    *p++ = x > 1 ? row[x - 2] - left : 0;
    row[x] = static_cast<Sample>(guess + sampler.template code<count>(kPlane, properties, range.lo - guess,
                                                                      range.hi - guess, row[x] - guess));
  }
}

template <int kPlane, class Sampler>
void code_plane(Image& image, const PixelRules& rules, Sampler& sampler) {
  for (int y = 0; y < image.height; ++y) {
    if (image.planes > 3)
      code_row<kPlane, true>(image, rules, y, sampler);
    else
      code_row<kPlane, false>(image, rules, y, sampler);
  }
}

// All samples of one plane (not constant), row by row.
template <class Sampler>
void code_plane(Image& image, const PixelRules& rules, int plane, Sampler& sampler) {
  switch (plane) {
    case 0: return code_plane<0>(image, rules, sampler);
    case 1: return code_plane<1>(image, rules, sampler);
    case 2: return code_plane<2>(image, rules, sampler);
    default: return code_plane<3>(image, rules, sampler);
  }
}

// All samples of all planes; alpha first, since it says which of the others can be seen.
template <class Sampler>
void code_scanlines(Image& image, const PixelRules& rules, Sampler& sampler) {
  for (int plane : {3, 0, 1, 2})
    if (plane < image.planes && !rules.ranges.constant(plane)) code_plane(image, rules, plane, sampler);
}

// ---------------------------------------------------------------- 9.4: interlaced

inline int row_step(int zoom) { return 1 << ((zoom + 1) / 2); }
inline int column_step(int zoom) { return 1 << (zoom / 2); }

// The zoom level that holds one sample only.
inline int top_zoom(const Image& image) {
  int zoom = 0;
  while (row_step(zoom) < image.height || column_step(zoom) < image.width) ++zoom;
  return zoom;
}

// The samples around one, named by direction; the meaning depends on the kind of level.
struct Neighbours {
  int top, left, top_left, top_right, bottom, bottom_left, bottom_right, right;
};

// Samples of a level in the level's own coordinates.
struct Level {
  Level(const Image& image, int plane, int zoom)
      : rows(1 + (image.height - 1) / row_step(zoom)),
        columns(1 + (image.width - 1) / column_step(zoom)),
        samples(image[plane].data()),
        row_stride(static_cast<std::ptrdiff_t>(row_step(zoom)) * image.width),
        column_stride(column_step(zoom)) {}

  std::ptrdiff_t offset(int row, int column) const { return row * row_stride + column * column_stride; }
  int at(int row, int column) const { return samples[offset(row, column)]; }

  int rows;
  int columns;
  const Sample* samples;
  std::ptrdiff_t row_stride;
  std::ptrdiff_t column_stride;
};

// Even levels: rows above and below are known. `right` is unused.
inline Neighbours horizontal_neighbours(const Level& s, int r, int c) {
  const bool lower = r + 1 < s.rows, righter = c + 1 < s.columns;
  Neighbours n{};
  n.top = s.at(r - 1, c);
  n.left = c > 0 ? s.at(r, c - 1) : n.top;
  n.top_left = c > 0 ? s.at(r - 1, c - 1) : n.top;
  n.top_right = righter ? s.at(r - 1, c + 1) : n.top;
  n.bottom = lower ? s.at(r + 1, c) : n.left;
  n.bottom_left = lower && c > 0 ? s.at(r + 1, c - 1) : n.left;
  n.bottom_right = lower && righter ? s.at(r + 1, c + 1) : n.bottom;
  return n;
}

// Odd levels: columns to the left and to the right are known. `bottom` is unused.
inline Neighbours vertical_neighbours(const Level& s, int r, int c) {
  const bool lower = r + 1 < s.rows, righter = c + 1 < s.columns;
  Neighbours n{};
  n.left = s.at(r, c - 1);
  n.top = r > 0 ? s.at(r - 1, c) : n.left;
  n.top_left = r > 0 ? s.at(r - 1, c - 1) : n.left;
  n.top_right = r > 0 && righter ? s.at(r - 1, c + 1) : n.top;
  n.right = righter ? s.at(r, c + 1) : n.top;
  n.bottom_left = lower ? s.at(r + 1, c - 1) : n.left;
  n.bottom_right = lower && righter ? s.at(r + 1, c + 1) : n.right;
  return n;
}

// The three candidates that `which` and predictor 1 choose among, and all three predictors.
struct Candidates {
  int average, first, second, near_median;

  int median() const { return median3(average, first, second); }
  int predict(int predictor) const {
    return predictor == 0 ? average : predictor == 1 ? median() : near_median;
  }
};

template <bool kHorizontal>
Candidates candidates(const Neighbours& n) {
  const int first = n.left + n.top - n.top_left;
  if (kHorizontal)
    return {(n.top + n.bottom) >> 1, first, n.left + n.bottom - n.bottom_left,
            median3(n.top, n.bottom, n.left)};
  return {(n.left + n.right) >> 1, first, n.right + n.top - n.top_right, median3(n.top, n.left, n.right)};
}

// A pixel that can't be seen: the same predictors with other rules at the borders, and no snapping. The
// result is stored as the reference stores it, in 8 bits for planes 0 and 3.
template <int kPlane, bool kHorizontal>
Sample predict_hidden(const Level& s, int r, int c, int predictor) {
  const bool lower = r + 1 < s.rows, righter = c + 1 < s.columns;
  Neighbours n{};
  if (kHorizontal) {
    n.top = s.at(r - 1, c);
    n.bottom = lower ? s.at(r + 1, c) : n.top;
    n.left = c > 0 ? s.at(r, c - 1) : n.top;
    n.top_left = c > 0 ? s.at(r - 1, c - 1) : n.top;
    n.bottom_left = c > 0 && lower ? s.at(r + 1, c - 1) : n.left;
  } else {
    n.left = s.at(r, c - 1);
    n.right = righter ? s.at(r, c + 1) : n.left;
    n.top = r > 0 ? s.at(r - 1, c) : n.left;
    n.top_left = r > 0 ? s.at(r - 1, c - 1) : n.left;
    n.top_right = r > 0 && righter ? s.at(r - 1, c + 1) : n.top;
  }
  const int value = candidates<kHorizontal>(n).predict(predictor);
  return kPlane == 0 ? static_cast<Sample>(static_cast<std::uint8_t>(value)) : static_cast<Sample>(value);
}

template <int kPlane, bool kAlpha, bool kHorizontal, class Sampler>
void code_level(Image& image, const PixelRules& rules, int zoom, int predictor, Sampler& sampler) {
  constexpr int count = interlaced_properties(kPlane, kAlpha);
  constexpr bool chroma = kPlane == 1 || kPlane == 2;
  Sample* const samples = image[kPlane].data();
  const Level s(image, kPlane, zoom);
  const Level luma(image, 0, zoom);

  for (int r = kHorizontal ? 1 : 0; r < s.rows; r += kHorizontal ? 2 : 1) {
    for (int c = kHorizontal ? 0 : 1; c < s.columns; c += kHorizontal ? 1 : 2) {
      const auto here = static_cast<std::size_t>(s.offset(r, c));
      if (kAlpha && kPlane < 3 && rules.alpha_zero && image[3][here] == 0) {
        samples[here] = predict_hidden<kPlane, kHorizontal>(s, r, c, rules.invisible_predictor);
        continue;
      }
      const Neighbours n = kHorizontal ? horizontal_neighbours(s, r, c) : vertical_neighbours(s, r, c);
      const Candidates choice = candidates<kHorizontal>(n);
      const int median = choice.median();
      int guess = choice.predict(predictor);
      const int before[2] = {chroma ? image[0][here] : 0, kPlane == 2 ? image[1][here] : 0};
      const Interval range = rules.ranges.snap(kPlane, before, guess);

      int properties[count];
      int* p = properties;
      if (chroma) *p++ = before[0];
      if (kPlane == 2) *p++ = before[1];
      if (kAlpha && kPlane < 3) *p++ = image[3][here];
      *p++ = median == choice.average ? 0 : median == choice.first ? 1 : 2;
      if (chroma) {
        const int a = kHorizontal ? luma.at(r - 1, c) : luma.at(r, c - 1);
        const int b = kHorizontal ? (r + 1 < s.rows ? luma.at(r + 1, c) : a)
                                  : (c + 1 < s.columns ? luma.at(r, c + 1) : a);
        *p++ = before[0] - ((a + b) >> 1);
      }
      if (kHorizontal) {
        *p++ = n.top - n.bottom;
        *p++ = n.top - ((n.top_left + n.top_right) >> 1);
        *p++ = n.left - ((n.bottom_left + n.top_left) >> 1);
        *p++ = n.bottom - ((n.bottom_left + n.bottom_right) >> 1);
      } else {
        *p++ = n.left - n.right;
        *p++ = n.left - ((n.bottom_left + n.top_left) >> 1);
        *p++ = n.top - ((n.top_left + n.top_right) >> 1);
        *p++ = n.right - ((n.bottom_right + n.top_right) >> 1);
      }
      *p++ = guess;
      if (kPlane != 2) {
        *p++ = r > 1 ? s.at(r - 2, c) - n.top : 0;
        *p++ = c > 1 ? s.at(r, c - 2) - n.left : 0;
      }
      samples[here] =
          static_cast<Sample>(guess + sampler.template code<count>(kPlane, properties, range.lo - guess,
                                                                   range.hi - guess, samples[here] - guess));
    }
  }
}

template <int kPlane, bool kAlpha, class Sampler>
void code_level(Image& image, const PixelRules& rules, int zoom, int predictor, Sampler& sampler) {
  if (zoom % 2 == 0)
    code_level<kPlane, kAlpha, true>(image, rules, zoom, predictor, sampler);
  else
    code_level<kPlane, kAlpha, false>(image, rules, zoom, predictor, sampler);
}

// All samples of one zoom level of one plane (not constant).
template <class Sampler>
void code_level(Image& image, const PixelRules& rules, int plane, int zoom, int predictor, Sampler& sampler) {
  const bool alpha = image.planes > 3;
  switch (plane) {
    case 0:
      return alpha ? code_level<0, true>(image, rules, zoom, predictor, sampler)
                   : code_level<0, false>(image, rules, zoom, predictor, sampler);
    case 1:
      return alpha ? code_level<1, true>(image, rules, zoom, predictor, sampler)
                   : code_level<1, false>(image, rules, zoom, predictor, sampler);
    case 2:
      return alpha ? code_level<2, true>(image, rules, zoom, predictor, sampler)
                   : code_level<2, false>(image, rules, zoom, predictor, sampler);
    default: return code_level<3, true>(image, rules, zoom, predictor, sampler);
  }
}

struct Step {
  int plane;
  int zoom;
};

// The default order of planes and zoom levels hi..lo: alpha leads, or else plane 0; the chroma planes
// follow some levels behind.
inline std::vector<Step> default_order(const Ranges& ranges, int hi, int lo) {
  const int planes = ranges.planes();
  const std::size_t lead = planes > 3 ? 3 : 0;
  std::array<int, 4> behind{0, 2, 4, 0};
  if (ranges.constant(0)) behind = {0, 0, 1, 0};
  std::array<int, 4> at;
  at.fill(hi + 1);
  const int steps = planes * (hi - lo + 1);
  std::vector<Step> order;
  std::size_t plane = lead;
  while (static_cast<int>(order.size()) < steps) {
    order.push_back({static_cast<int>(plane), --at[plane]});
    if (static_cast<int>(order.size()) == steps) break;
    plane = lead;
    for (std::size_t q = 0; q < static_cast<std::size_t>(planes); ++q)
      if (at[q] > at[lead] + behind[q]) plane = q;
    while (at[plane] <= lo) plane = (plane + 1) % static_cast<std::size_t>(planes);
  }
  return order;
}

using Predictors = std::array<int, 4>;  // by plane; -1 in a file: chosen for every level anew

// Zoom levels hi..lo of all planes, with what a file says about order and predictors.
template <class Sampler>
void code_levels(Image& image, const PixelRules& rules, int hi, int lo, Predictors predictors,
                 ParameterCoder& signals, Sampler& sampler) {
  const int planes = image.planes;
  const bool in_order = signals.uniform(0, 1, 1) != 0;
  for (int plane = 0; plane < planes; ++plane) {
    int& predictor = predictors[static_cast<std::size_t>(plane)];
    predictor = signals.uniform(-1, kPredictors - 1, predictor);
  }
  std::array<int, 4> next;
  next.fill(hi);
  for (Step step : default_order(rules.ranges, hi, lo)) {
    if (!in_order) {
      step.plane = signals.uniform(0, planes - 1, step.plane);
      step.zoom = next[static_cast<std::size_t>(step.plane)]--;
      if (step.zoom < lo) throw FlifError("damaged file: a zoom level that comes twice");
    }
    if (rules.ranges.constant(step.plane)) continue;
    int predictor = predictors[static_cast<std::size_t>(step.plane)];
    if (predictor < 0) predictor = signals.uniform(0, kPredictors - 1, 0);
    code_level(image, rules, step.plane, step.zoom, predictor, sampler);
  }
}

}  // namespace flif
