// The one exception of this codec's own. Whatever is wrong with a file that is being decoded, or with
// the pixels or options that are to be encoded, ends up as a FlifError with a one-line message.
#pragma once

#include <stdexcept>

namespace flif {

class FlifError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace flif
