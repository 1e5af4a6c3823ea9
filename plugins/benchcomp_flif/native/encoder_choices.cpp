// Description section 11.3: effort levels.
#include "encoder_choices.h"

namespace flif {

EncoderChoices choices_for(int effort, bool interlaced) {
  EncoderChoices choices;
  choices.interlaced = interlaced;
  LearningChoices& learning = choices.learning;
  if (effort < 10) {
    learning.passes = 0;
  } else if (effort <= 50) {
    learning.passes = 1;
    learning.split_bits = 40;
  } else if (effort <= 70) {
    learning.passes = 2;
    learning.split_bits = 64;
  } else if (effort <= 90) {
    learning.passes = 3;
    learning.split_bits = 80;
  } else {
    learning.passes = 4;
    learning.split_bits = 96;
  }
  if (effort < 5) choices.color_buckets = Use::kNever;
  if (effort < 8) choices.max_palette = 0;
  if (effort < 25) choices.channel_compact = false;
  if (effort < 30) choices.predictors = {effort < 15 ? 0 : -1, 0, 0, effort < 15 ? 0 : -1};
  return choices;
}

}  // namespace flif
