// Description sections 11.1 and 11.3: what an encoder is free to choose, and what the reference chooses.
#pragma once

#include <array>
#include <cstddef>

#include "image.h"
#include "integer_coder.h"
#include "learning.h"
#include "traversal.h"

namespace flif {

enum class Use { kNever, kIfWorth, kAlways };

struct EncoderChoices {
  bool interlaced = false;
  bool alpha_zero = true;  // colours of pixels with alpha 0 may be lost
  bool checksum = true;    // where the file is long enough for one
  bool channel_compact = true;
  bool ycocg = true;
  Use permute_planes = Use::kIfWorth;          // where YCoCg isn't used
  std::array<int, 4> plane_order{1, 0, 2, 3};  // of PermutePlanes: green first
  bool subtract_first = true;                  // red and blue as differences to it
  bool bounds = true;
  std::size_t max_palette = 512;
  Use color_buckets = Use::kIfWorth;
  Predictors predictors{-1, -1, -1, -1};  // by plane; -1: the encoder chooses
  int invisible_predictor = 2;
  int cutoff = Adaptation::kDefaultCutoff;
  int divisor = Adaptation::kDefaultDivisor;
  LearningChoices learning;
};

constexpr int kDefaultEffort = 60;
constexpr std::size_t kInterlacedPixels = 10000;   // from here on interlaced unless told otherwise
constexpr std::size_t kColorBucketPixels = 10000;  // above, ColorBuckets are tried
constexpr std::size_t kTransformPixels = 2;        // up to here, no transforms
constexpr std::size_t kChecksumBytes = 100;        // longer files get a checksum

// The reference's choices at that effort (0 to 100).
EncoderChoices choices_for(int effort, bool interlaced);

}  // namespace flif
