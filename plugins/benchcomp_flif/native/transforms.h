// Description section 8: the transforms, each in its own transform_*.cpp.
//
// A transform is planned by the encoder (plan_* functions, the choices of section 11.1) or made empty by
// the decoder (make_transform); code() then writes or reads its parameters. After that ranges() says what
// the samples behind it can be, forward() takes an image through it, inverse() takes it back.
#pragma once

#include <array>
#include <cstddef>
#include <memory>

#include "image.h"
#include "integer_coder.h"
#include "ranges.h"

namespace flif {

enum class TransformId {
  kChannelCompact = 0,
  kYCoCg = 1,
  kPermutePlanes = 3,
  kBounds = 4,
  kPaletteAlpha = 5,
  kPalette = 6,
  kColorBuckets = 7,
};
constexpr int kLastTransformId = 13;
constexpr int kMaxPaletteSize = 30000;

class Transform {
 public:
  explicit Transform(TransformId id) : id_(id) {}
  virtual ~Transform() = default;
  TransformId id() const { return id_; }

  virtual void code(ParameterCoder& coder, const Ranges& source) = 0;
  virtual RangesPtr ranges(const RangesPtr& source) const = 0;
  virtual void forward(Image&, const Ranges&) const {}
  virtual void inverse(Image&, const Ranges&) const {}

 private:
  TransformId id_;
};

using TransformPtr = std::unique_ptr<Transform>;

// Decoder: the transform of that id, ready to read its parameters. `alpha_zero`: the colour of pixels
// with alpha 0 is irrelevant. Throws FlifError for an id that is unknown or can't apply here.
TransformPtr make_transform(int id, const Ranges& source, bool alpha_zero);

// Encoder: the transform planned for this image, or null where it can't be applied or isn't worth it.
TransformPtr plan_channel_compact(const Image&, const Ranges& source);
TransformPtr plan_ycocg(const Ranges& source);
TransformPtr plan_permute_planes(const Ranges& source, const std::array<int, 4>& order, bool subtract);
TransformPtr plan_bounds(const Image&, const Ranges& source, bool alpha_zero);
TransformPtr plan_palette_alpha(const Image&, const Ranges& source, bool alpha_zero, std::size_t max_colors);
TransformPtr plan_palette(const Image&, const Ranges& source, bool alpha_zero, std::size_t max_colors);
TransformPtr plan_color_buckets(const Image&, const Ranges& source, bool alpha_zero, bool always);

// Decoder: the same transforms without parameters yet.
TransformPtr make_channel_compact();
TransformPtr make_ycocg();
TransformPtr make_permute_planes();
TransformPtr make_bounds();
TransformPtr make_palette_alpha(bool alpha_zero);
TransformPtr make_palette();
TransformPtr make_color_buckets(const Ranges& source);

// Preconditions that encoder and decoder share.
bool ycocg_applies(const Ranges& source);
bool palette_alpha_applies(const Ranges& source);
bool color_buckets_apply(const Ranges& source);

inline bool visible(const Image& image, std::size_t pixel, bool alpha_zero) {
  return !alpha_zero || image.planes < 4 || image[3][pixel] != 0;
}

}  // namespace flif
