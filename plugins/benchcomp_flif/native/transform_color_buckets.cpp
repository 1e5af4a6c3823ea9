// Description 8.7: ColorBuckets lists, for images of few colours, which values really occur: of plane 0;
// of plane 1 for each value of plane 0; of plane 2 for each value of plane 0 and group of four of plane 1.
#include <algorithm>
#include <array>
#include <vector>

#include "errors.h"
#include "transforms.h"

namespace flif {

namespace {

constexpr int kMaxSpan = 1023;
constexpr int kGroup = 4;
constexpr std::array<int, 4> kMaxListed{255, 510, 5, 255};

// A set of values: nothing, all of an interval, or a sorted list.
struct Bucket {
  Interval range{1, 0};
  std::vector<Sample> list;  // empty: all of `range`

  bool empty() const { return range.lo > range.hi; }

  bool contains(int value) const {
    if (!range.contains(value)) return false;
    return list.empty() || std::binary_search(list.begin(), list.end(), static_cast<Sample>(value));
  }

  // Returns true when the list grew over `limit` and became an interval.
  bool insert(int value, int limit) {
    const bool first = empty();
    if (!first && contains(value)) return false;
    const bool as_interval = !first && list.empty();
    range = first ? Interval{value, value} : Interval{std::min(range.lo, value), std::max(range.hi, value)};
    if (as_interval) return false;
    list.insert(std::lower_bound(list.begin(), list.end(), static_cast<Sample>(value)),
                static_cast<Sample>(value));
    if (static_cast<int>(list.size()) <= limit) return false;
    list.clear();
    return true;
  }

  void remove(int value) {
    if (!contains(value)) return;
    if (list.empty() && value != range.lo && value != range.hi)
      for (int v = range.lo; v <= range.hi; ++v) list.push_back(static_cast<Sample>(v));
    if (list.empty()) {
      (value == range.lo ? range.lo : range.hi) += value == range.lo ? 1 : -1;
      return;
    }
    list.erase(std::lower_bound(list.begin(), list.end(), static_cast<Sample>(value)));
    range = list.empty() ? Interval{1, 0} : Interval{list.front(), list.back()};
  }

  void simplify() {
    if (static_cast<int>(list.size()) == range.hi - range.lo + 1) list.clear();
  }

  // The nearest value, the lower one on a tie.
  int nearest(int value) const {
    value = std::clamp(value, range.lo, range.hi);
    if (list.empty()) return value;
    const auto above = std::lower_bound(list.begin(), list.end(), static_cast<Sample>(value));
    if (*above == value) return value;
    const int below = *(above - 1);
    return value - below <= *above - value ? below : *above;
  }
};

struct Buckets {
  Interval y, i;
  Bucket first;
  std::vector<Bucket> second;              // by value of plane 0
  std::vector<std::vector<Bucket>> third;  // by value of plane 0, then group of plane 1
  Bucket alpha;

  explicit Buckets(const Ranges& source) : y(source.bounds(0)), i(source.bounds(1)) {
    const auto rows = static_cast<std::size_t>(y.hi - y.lo + 1);
    const auto groups = static_cast<std::size_t>((i.hi - i.lo) / kGroup + 1);
    second.resize(rows);
    third.resize(rows, std::vector<Bucket>(groups));
  }

  std::size_t row(int y_value) const { return static_cast<std::size_t>(y_value - y.lo); }
  std::size_t group(int i_value) const { return static_cast<std::size_t>((i_value - i.lo) / kGroup); }

  const Bucket& of(int plane, const int* before) const {
    static const Bucket none;
    if (plane == 0) return first;
    if (plane == 3) return alpha;
    if (!y.contains(before[0])) return none;
    if (plane == 1) return second[row(before[0])];
    return i.contains(before[1]) ? third[row(before[0])][group(before[1])] : none;
  }
};

using BucketsPtr = std::shared_ptr<const Buckets>;

class BucketRanges final : public Ranges {
 public:
  BucketRanges(const Ranges& source, BucketsPtr buckets)
      : Ranges(source.planes(), {{source.bounds(0), source.bounds(1), source.bounds(2),
                                  source.planes() > 3 ? source.bounds(3) : Interval{}}}),
        buckets_(std::move(buckets)) {}

  Interval interval(int plane, const int* before) const override {
    return constant(plane) ? bounds(plane) : buckets_->of(plane, before).range;
  }

  Interval snap(int plane, const int* before, int& value) const override {
    const Bucket& bucket = buckets_->of(plane, before);
    if (bucket.empty()) throw FlifError("damaged file: a colour outside the colour buckets");
    value = bucket.nearest(value);
    return bucket.range;
  }

 private:
  BucketsPtr buckets_;
};

class ColorBuckets final : public Transform {
 public:
  explicit ColorBuckets(Buckets buckets)
      : Transform(TransformId::kColorBuckets), buckets_(std::make_shared<Buckets>(std::move(buckets))) {}

  void code(ParameterCoder& coder, const Ranges& source) override {
    Contexts contexts;
    Buckets& buckets = *buckets_;
    code_bucket(coder, contexts, 0, source.interval(0, nullptr), buckets.first);
    for (int y = buckets.y.lo; y <= buckets.y.hi; ++y) {
      if (!buckets.first.contains(y)) continue;
      code_bucket(coder, contexts, 1, source.interval(1, &y), buckets.second[buckets.row(y)]);
    }
    if (!source.constant(2)) {
      for (int y = buckets.y.lo; y <= buckets.y.hi; ++y)
        for (int i = buckets.i.lo; i <= buckets.i.hi; i += kGroup)
          if (group_exists(source, y, i))
            code_bucket(coder, contexts, 2, group_interval(source, y, i),
                        buckets.third[buckets.row(y)][buckets.group(i)]);
    }
    if (source.planes() > 3) code_bucket(coder, contexts, 3, source.interval(3, nullptr), buckets.alpha);
    if (!source.constant(2)) remove_colors_without_third();
  }

  RangesPtr ranges(const RangesPtr& source) const override {
    return std::make_shared<BucketRanges>(*source, buckets_);
  }

 private:
  struct Contexts {
    Chances exists = kInitialChances, lo = kInitialChances, hi = kInitialChances, listed = kInitialChances,
            size = kInitialChances, value = kInitialChances;
  };

  static void code_bucket(ParameterCoder& coder, Contexts& contexts, int plane, const Interval& source,
                          Bucket& bucket) {
    if (coder.number(contexts.exists, 0, 1, !bucket.empty()) == 0) return;
    if (source.lo == source.hi) {
      bucket = {source, {}};
      return;
    }
    const int lo = coder.number(contexts.lo, source.lo, source.hi, bucket.range.lo);
    const int hi = coder.number(contexts.hi, lo, source.hi, bucket.range.hi);
    bucket.range = {lo, hi};
    if (hi - lo <= 1 || coder.number(contexts.listed, 0, 1, !bucket.list.empty()) == 0) return;
    const int most = std::min(kMaxListed[static_cast<std::size_t>(plane)], hi - lo);
    const int size = coder.number(contexts.size, 2, most, static_cast<int>(bucket.list.size()));
    bucket.list.resize(static_cast<std::size_t>(size));
    bucket.list.front() = static_cast<Sample>(lo);
    bucket.list.back() = static_cast<Sample>(hi);
    for (int i = 1; i < size - 1; ++i) {
      Sample* value = &bucket.list[static_cast<std::size_t>(i)];
      *value = static_cast<Sample>(coder.number(contexts.value, value[-1] + 1, hi + 1 - size + i, *value));
    }
  }

  bool group_exists(const Ranges& source, int y, int i) const {
    if (!buckets_->first.contains(y)) return false;
    const Interval allowed = source.interval(1, &y);
    for (int value = i; value < i + kGroup; ++value)
      if (buckets_->i.contains(value) && allowed.contains(value) &&
          buckets_->second[buckets_->row(y)].contains(value))
        return true;
    return false;
  }

  static Interval group_interval(const Ranges& source, int y, int i) {
    int before[] = {y, i};
    Interval range = source.interval(2, before);
    for (before[1] = i + 1; before[1] < i + kGroup; ++before[1]) {
      const Interval other = source.interval(2, before);
      range = {std::min(range.lo, other.lo), std::max(range.hi, other.hi)};
    }
    return range;
  }

  void remove_colors_without_third() {
    Buckets& buckets = *buckets_;
    for (std::size_t row = 0; row < buckets.second.size(); ++row)
      for (std::size_t group = 0; group < buckets.third[row].size(); ++group)
        if (buckets.third[row][group].empty())
          for (int i = 0; i < kGroup; ++i)
            buckets.second[row].remove(buckets.i.lo + static_cast<int>(group) * kGroup + i);
  }

  std::shared_ptr<Buckets> buckets_;
};

// 11.1: counts that decide whether the lists cost less than they save.
struct Tally {
  std::size_t listed = 0;     // colours in lists
  std::size_t intervals = 0;  // buckets that were lists and became intervals
};

template <class Visit>
void each_bucket(Buckets& buckets, Visit&& visit) {
  visit(0, buckets.first);
  for (Bucket& bucket : buckets.second) visit(1, bucket);
  for (auto& row : buckets.third)
    for (Bucket& bucket : row) visit(2, bucket);
  visit(3, buckets.alpha);
}

bool thin_out(Buckets& buckets, Tally& tally, std::size_t pixels) {
  for (int percent = 95; percent >= 35; percent -= 10) {
    tally.listed = 0;
    each_bucket(buckets, [&](int plane, Bucket& bucket) {
      const int share = plane == 2 ? percent - 20 : percent;
      const int inside = bucket.range.hi - bucket.range.lo - 1;
      const bool mostly_full = static_cast<int>(bucket.list.size()) - 2 > inside * share / 100;
      if ((plane == 1 || plane == 2) && !bucket.list.empty() && mostly_full) {
        bucket.list.clear();
        ++tally.intervals;
      }
      tally.listed += bucket.list.size();
    });
    if (tally.listed < pixels / 200 && tally.intervals < pixels / 100) return true;
  }
  return false;
}

}  // namespace

bool color_buckets_apply(const Ranges& source) {
  if (source.planes() < 3 || source.constant(1)) return false;
  const auto zero = [&](int plane) { return source.min(plane) == 0 && source.max(plane) == 0; };
  if (zero(0) && zero(2)) return false;
  for (int plane = 0; plane < 3; ++plane)
    if (source.max(plane) - source.min(plane) > kMaxSpan) return false;
  return true;
}

TransformPtr make_color_buckets(const Ranges& source) {
  return std::make_unique<ColorBuckets>(Buckets(source));
}

TransformPtr plan_color_buckets(const Image& image, const Ranges& source, bool alpha_zero, bool always) {
  if (!color_buckets_apply(source)) return nullptr;
  Buckets buckets(source);
  Tally tally;
  const std::size_t n = std::min<std::size_t>(image.pixels(), 5000000);
  const auto put = [&tally](int plane, Bucket& bucket, int value) {
    if (bucket.insert(value, kMaxListed[static_cast<std::size_t>(plane)])) ++tally.intervals;
  };
  for (std::size_t pixel = 0; pixel < image.pixels(); ++pixel) {
    if (image.planes > 3) put(3, buckets.alpha, image[3][pixel]);
    if (!visible(image, pixel, alpha_zero)) continue;
    const int y = image[0][pixel], i = image[1][pixel];
    put(0, buckets.first, y);
    put(1, buckets.second[buckets.row(y)], i);
    put(2, buckets.third[buckets.row(y)][buckets.group(i)], image[2][pixel]);
    if (!always && tally.intervals >= n / 50) return nullptr;  // too many for any of the rules below
  }
  each_bucket(buckets, [&tally](int, Bucket& bucket) {
    bucket.simplify();
    tally.listed += bucket.list.size();
  });
  const bool worth = (tally.listed < n / 200 && tally.intervals < n / 50) ||
                     (tally.listed < n / 100 && tally.intervals < n / 200) ||
                     (tally.listed < n / 40 && tally.intervals < n / 500);
  if (!worth && !thin_out(buckets, tally, n) && !always) return nullptr;
  return std::make_unique<ColorBuckets>(std::move(buckets));
}

}  // namespace flif
