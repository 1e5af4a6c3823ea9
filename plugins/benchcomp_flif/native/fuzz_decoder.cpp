// Fuzzes the decoder: takes good files, damages them in random ways and decodes the result. Anything but
// an image or a FlifError is a finding; built with sanitizers, so is any illegal access or overflow.
//
//     fuzz_decoder SECONDS SEED FILE...
//
// Files whose magic and size survive get deepest, so most damage is done behind the first few bytes. The
// input being tried is in fuzz_decoder.last if the process dies.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "decoder.h"
#include "errors.h"

namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t kMaxPixels = 1u << 16;
constexpr std::size_t kSizeBytes = 9;  // magic, format, depth, sizes of up to 128 pixels, end of chunks

Bytes read(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(file), {});
}

class Mutator {
 public:
  Mutator(std::vector<Bytes> seeds, std::uint64_t seed) : seeds_(std::move(seeds)), random_(seed) {}

  Bytes next() {
    Bytes bytes = seeds_[below(seeds_.size())];
    const std::size_t changes = 1 + below(below(4) == 0 ? 40 : 4);
    for (std::size_t i = 0; i < changes && !bytes.empty(); ++i) change(bytes);
    return bytes;
  }

 private:
  std::size_t below(std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_);
  }

  std::size_t place(const Bytes& bytes) {
    const std::size_t first = below(20) == 0 ? 0 : std::min(kSizeBytes, bytes.size() - 1);
    // Half of the time near the front, where headers, transforms and trees are.
    const std::size_t span = bytes.size() - first;
    return first + below(below(2) == 0 ? std::min<std::size_t>(span, 40) : span);
  }

  void change(Bytes& bytes) {
    const std::size_t at = place(bytes);
    switch (below(8)) {
      case 0: bytes[at] ^= static_cast<std::uint8_t>(1u << below(8)); break;
      case 1: bytes[at] = static_cast<std::uint8_t>(below(256)); break;
      case 2: bytes[at] = below(2) == 0 ? 0x00 : 0xFF; break;
      case 3: bytes.erase(bytes.begin() + static_cast<std::ptrdiff_t>(at)); break;
      case 4:
        bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at), 1 + below(16),
                     static_cast<std::uint8_t>(below(256)));
        break;
      case 5: bytes.resize(at + 1); break;
      case 6:
        for (std::size_t i = at; i < bytes.size() && i < at + 64; ++i)
          bytes[i] = static_cast<std::uint8_t>(below(256));
        break;
      default: {
        const Bytes& other = seeds_[below(seeds_.size())];
        const std::size_t from = below(other.size());
        bytes.resize(at);
        bytes.insert(bytes.end(), other.begin() + static_cast<std::ptrdiff_t>(from), other.end());
      }
    }
    // Small sizes, now and then others than the file's.
    if (below(16) == 0 && bytes.size() > kSizeBytes)
      bytes[6 + below(2)] = static_cast<std::uint8_t>(below(128));
    if (below(16) == 0 && bytes.size() > kSizeBytes) bytes[4] = static_cast<std::uint8_t>("134ACD"[below(6)]);
  }

  std::vector<Bytes> seeds_;
  std::mt19937_64 random_;
};

}  // namespace

int main(int count, char** arguments) {
  if (count < 4) {
    std::fprintf(stderr, "usage: fuzz_decoder SECONDS SEED FILE...\n");
    return 2;
  }
  std::vector<Bytes> seeds;
  for (int i = 3; i < count; ++i) seeds.push_back(read(arguments[i]));
  Mutator mutator(std::move(seeds), std::strtoull(arguments[2], nullptr, 10));

  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + std::chrono::seconds(std::atoi(arguments[1]));
  std::map<std::string, std::size_t> outcomes;
  std::size_t tried = 0;
  double slowest = 0;
  while (Clock::now() < end) {
    const Bytes bytes = mutator.next();
    std::ofstream("fuzz_decoder.last", std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    const auto start = Clock::now();
    try {
      flif::decode(bytes.data(), bytes.size(), kMaxPixels);
      ++outcomes["decoded"];
    } catch (const flif::FlifError& error) {
      const std::string text = error.what();
      ++outcomes[text.substr(0, text.find_first_of("0123456789"))];
    }
    slowest = std::max(slowest, std::chrono::duration<double>(Clock::now() - start).count());
    ++tried;
  }
  std::printf("%zu inputs, slowest %.3f s\n", tried, slowest);
  for (const auto& [text, times] : outcomes) std::printf("%10zu  %s\n", times, text.c_str());
}
