// Which transform an id of the header (section 6) stands for, and whether it may come here.
#include "transforms.h"

#include <string>

#include "errors.h"

namespace flif {

TransformPtr make_transform(int id, const Ranges& source, bool alpha_zero) {
  const auto require = [](bool applies) {
    if (!applies) throw FlifError("damaged file: a transform that can't apply to this image");
  };
  switch (static_cast<TransformId>(id)) {
    case TransformId::kChannelCompact: return make_channel_compact();
    case TransformId::kYCoCg: require(ycocg_applies(source)); return make_ycocg();
    case TransformId::kPermutePlanes: require(source.planes() >= 3); return make_permute_planes();
    case TransformId::kBounds: return make_bounds();
    case TransformId::kPaletteAlpha:
      require(palette_alpha_applies(source));
      return make_palette_alpha(alpha_zero);
    case TransformId::kPalette: require(source.planes() >= 3); return make_palette();
    case TransformId::kColorBuckets: require(color_buckets_apply(source)); return make_color_buckets(source);
  }
  throw FlifError("unsupported file: transform " + std::to_string(id));
}

}  // namespace flif
