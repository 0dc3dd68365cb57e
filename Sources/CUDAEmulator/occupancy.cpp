// Occupancy: how many warps a multiprocessor of a card can hold at once, as NVIDIA's calculator has it.
#include <algorithm>
#include <cstring>
#include <string>

#include "block.h"

namespace {

/// What a multiprocessor has: the table of compute capabilities in NVIDIA's CUDA programming guide.
struct Card {
  const char *name;
  int32_t architecture;  // its place in registers.inc
  int32_t warps, blocks;
  int32_t sharedBytes, sharedReserved, sharedUnit;  // the second for each block; the third is what it is rounded up to
};
constexpr Card cards[] = {
    {"T4", 0, 32, 16, 64 * 1024, 0, 256},
    {"A100", 1, 64, 32, 164 * 1024, 1024, 128},
    {"H100", 2, 64, 32, 228 * 1024, 1024, 128},
};
constexpr int32_t registersOfAll = 65536, registerUnit = 256, warpUnit = 4;  // on all of them

struct Registers {
  const char *kernel;
  int32_t of[5];
};
constexpr Registers table[] = {
#include "../Kernels/registers.inc"
};

int32_t registersOf(const char *kernel, int32_t architecture) {
  for (const Registers &row : table) {
    if (strcmp(row.kernel, kernel) == 0) return row.of[architecture];
  }
  return 0;
}

int32_t roundedUp(int32_t number, int32_t unit) { return (number + unit - 1) / unit * unit; }

}  // namespace

KindlingEmulatorOccupancy KindlingEmulatorOccupancyOn(int32_t index, const char *kernel, int32_t threads,
                                                      int32_t sharedBytes) {
  if (index < 0 || index >= int32_t(std::size(cards))) return {};
  const Card &card = cards[index];
  int32_t warps = std::max(1, (threads + 31) / 32);
  KindlingEmulatorOccupancy result = {card.name, registersOf(kernel, card.architecture), card.blocks, 0, card.warps,
                                      "blocks"};
  auto allow = [&](int32_t blocks, const char *what) {
    if (blocks < result.blocks) result.blocks = blocks, result.limit = what;
  };
  allow(card.warps / warps, "threads");
  if (result.registers > 0) {
    int32_t ofWarp = roundedUp(result.registers * 32, registerUnit);
    allow(registersOfAll / ofWarp / warpUnit * warpUnit / warps, "registers");
  }
  int32_t shared = roundedUp(sharedBytes + card.sharedReserved, card.sharedUnit);
  if (shared > 0) allow(card.sharedBytes / shared, "shared memory");
  result.warps = result.blocks * warps;
  return result;
}
