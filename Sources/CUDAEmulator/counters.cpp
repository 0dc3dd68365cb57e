// Counters: what the accesses of a launch would cost on a GPU, as far as their addresses tell it.
#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <tuple>
#include <unordered_map>

#include "block.h"

namespace emulator {

namespace {

constexpr uintptr_t sectorBytes = 32, bankBytes = 4, banks = 32, widestAccess = 16;

/// The accesses of a warp that are carried out at once.
struct Request {
  Counted access;  // of the first lane; the others differ in the address alone
  std::array<uintptr_t, 32> addresses;
  uint32_t lanes = 0;  // bits

  bool has(int lane) const { return lanes >> lane & 1; }
};

/// Which request an access belongs to: all lanes of the warp that have come equally far and make the same access for
/// the n-th time. Where they branch apart, those of one branch share a request, as on a GPU.
using RequestKey = std::array<int64_t, 7>;  // site, array, part, warp, interval, warp operations, n
std::map<RequestKey, Request> open;

struct Position {
  int32_t interval = -1, warpSteps = -1;
  int64_t times = 0;
};
std::unordered_map<const void *, std::vector<Position>> positions;  // site → thread → how often it was there

using RowKey = std::tuple<const void *, const char *, Access, bool>;  // site, array
struct Row {
  KindlingEmulatorCounters counters = {};
  std::unordered_map<uintptr_t, int64_t> atomics;  // address → how many
};
std::map<RowKey, Row> sites;  // of this launch

/// And of all launches, by their lines.
std::vector<std::pair<const void *, Row>> counted;
std::vector<KindlingEmulatorCounters> rows;
std::vector<KindlingEmulatorCountedLaunch> launches;

/// The instruction that the accesses belong to, where there is one: see OneInstruction.
struct Instruction {
  const void *site = nullptr;
  size_t bytes = 0;
  bool isCounted = false;
} instruction;

// MARK: What one request costs

void countSectors(const Request &request, KindlingEmulatorCounters &row) {
  uintptr_t bytes = request.access.bytes;
  std::set<uintptr_t> addresses, sectors;
  for (int lane = 0; lane < 32; ++lane) {
    if (!request.has(lane)) continue;
    uintptr_t address = request.addresses[lane];
    addresses.insert(address);
    for (uintptr_t s = address / sectorBytes; s <= (address + bytes - 1) / sectorBytes; ++s) sectors.insert(s);
  }
  row.sectors += int64_t(sectors.size());
  row.fewestSectors += int64_t((addresses.size() * bytes + sectorBytes - 1) / sectorBytes);
}

/// Each bank gives one word a turn, to all lanes that want it. A turn moves 128 bytes: elements of 8 bytes are moved
/// for half a warp at a time, those of 16 for a quarter.
void countConflicts(const Request &request, KindlingEmulatorCounters &row) {
  uintptr_t bytes = request.access.bytes;
  int together = bytes <= bankBytes ? 32 : int(32 * bankBytes / bytes);
  for (int first = 0; first < 32; first += together) {
    std::array<std::set<uintptr_t>, banks> words;
    for (int lane = first; lane < first + together; ++lane) {
      if (!request.has(lane)) continue;
      uintptr_t address = request.addresses[lane];
      for (uintptr_t w = address / bankBytes; w <= (address + bytes - 1) / bankBytes; ++w) words[w % banks].insert(w);
    }
    size_t turns = 1;
    for (const auto &wanted : words) turns = std::max(turns, wanted.size());
    row.conflicts += int64_t(turns) - 1;
  }
}

void close(const Request &request) {
  const Counted &access = request.access;
  // Whether other threads may write the same is no matter here.
  Access kind = access.access == Access::freeWrite ? Access::write : access.access;
  Row &row = sites[{access.site, access.array, kind, access.shared}];
  row.counters.bytes = int32_t(access.bytes);
  row.counters.requests += 1;
  row.counters.lanes += __builtin_popcount(request.lanes);
  if (access.shared)
    countConflicts(request, row.counters);
  else
    countSectors(request, row.counters);
  if (kind != Access::atomic) return;
  for (int lane = 0; lane < 32; ++lane) {
    if (request.has(lane)) ++row.atomics[request.addresses[lane]];
  }
}

/// Adds the rows of the launch that has ended to all others.
void closeLaunch() {
  for (auto &[key, row] : sites) {
    auto [site, array, access, shared] = key;
    row.counters.launch = int32_t(launches.size()) - 1;
    row.counters.kernel = launches.back().kernel;
    row.counters.file = "";
    row.counters.array = array;
    row.counters.kind = access == Access::read     ? KindlingEmulatorEventKind_read
                        : access == Access::atomic ? KindlingEmulatorEventKind_atomic
                                                   : KindlingEmulatorEventKind_write;
    row.counters.shared = shared;
    counted.emplace_back(site, std::move(row));
  }
  sites.clear();
}

void add(const KindlingEmulatorCounters &other, KindlingEmulatorCounters &sum) {
  sum.requests += other.requests;
  sum.lanes += other.lanes;
  sum.sectors += other.sectors;
  sum.fewestSectors += other.fewestSectors;
  sum.conflicts += other.conflicts;
  sum.busiestAddress = std::max(sum.busiestAddress, other.busiestAddress);
}

auto order(const KindlingEmulatorCounters &row) {
  return std::tuple(row.launch, std::string_view(row.file), row.line, row.shared, std::string_view(row.array),
                    row.kind);
}

/// One row for each line, array and kind. A line of a template or of a loop may stand in the program several times.
void mergeRows() {
  std::vector<const void *> places;
  for (const auto &[site, row] : counted) places.push_back(site);
  std::map<const void *, SourceLine> lines = linesOf(places);
  using Key = decltype(order(rows[0]));
  std::map<Key, Row> merged;
  for (auto &[site, row] : counted) {
    const SourceLine &at = lines[site];
    row.counters.file = keep(at.file);
    row.counters.line = at.line;
    auto [found, isNew] = merged.try_emplace(order(row.counters), row);
    if (isNew) continue;
    add(row.counters, found->second.counters);
    for (const auto &[address, times] : row.atomics) found->second.atomics[address] += times;
  }
  for (auto &[key, row] : merged) {
    for (const auto &[address, times] : row.atomics) {
      row.counters.busiestAddress = std::max(row.counters.busiestAddress, times);
    }
    rows.push_back(row.counters);
  }
}

}  // namespace

// MARK: What the machine tells

OneInstruction::OneInstruction(size_t bytes) { instruction = {__builtin_return_address(0), bytes, false}; }
OneInstruction::~OneInstruction() { instruction = {}; }

void countLaunch(const Launch &launch) {
  if (!launches.empty()) closeLaunch();
  instruction = {};  // a launch that failed may have left one
  launches.push_back({launch.kernel->name, int64_t(launch.grid.count()), int32_t(launch.block.count()), 0});
}

void countAccess(const Thread &thread, const Counted &single) {
  if (instruction.isCounted) return;
  Counted access = single;
  if (instruction.site) {
    access.site = instruction.site;
    access.bytes = instruction.bytes;
    instruction.isCounted = true;
  }
  std::vector<Position> &threads = positions[access.site];
  threads.resize(maximumThreads);
  Position &position = threads[thread.rank];
  if (position.interval != thread.interval || position.warpSteps != thread.warpSteps) {
    position = {thread.interval, thread.warpSteps, 0};
  }
  ++position.times;
  // What is wider than 16 bytes takes several instructions.
  size_t parts = (access.bytes + widestAccess - 1) / widestAccess;
  access.bytes /= parts;
  for (size_t part = 0; part < parts; ++part, access.address += access.bytes) {
    RequestKey key = {int64_t(access.site), int64_t(access.array), int64_t(part), thread.rank / 32,
                      thread.interval,      thread.warpSteps,      position.times};
    Request &request = open[key];
    if (!request.lanes) request.access = access;
    request.lanes |= 1u << thread.rank % 32;
    request.addresses[thread.rank % 32] = access.address;
  }
}

void countRequests() {
  for (const auto &[key, request] : open) close(request);
  open.clear();
}

void countBlockEnd(const std::vector<SharedPlace> &places) {
  countRequests();
  positions.clear();
  size_t bytes = 0;
  for (const SharedPlace &place : places) {
    bytes = (bytes + sharedAlignment - 1) / sharedAlignment * sharedAlignment + place.bytes;
  }
  launches.back().sharedBytes = std::max(launches.back().sharedBytes, int32_t(bytes));
}

}  // namespace emulator

using namespace emulator;

void KindlingEmulatorCountBegin(void) {
  sites.clear();
  counted.clear();
  rows.clear();
  launches.clear();
  settings.counting = true;
}

void KindlingEmulatorCountEnd(void) {
  settings.counting = false;
  if (!launches.empty()) closeLaunch();
  mergeRows();
}

const KindlingEmulatorCounters *KindlingEmulatorCounterRows(int64_t *count) {
  *count = int64_t(rows.size());
  return rows.data();
}

KindlingEmulatorCounters KindlingEmulatorCountersOf(const char *array, KindlingEmulatorEventKind kind, bool shared) {
  KindlingEmulatorCounters sum = {};
  sum.kernel = sum.file = "";
  sum.array = array ? array : "";
  sum.kind = kind;
  sum.shared = shared;
  for (const KindlingEmulatorCounters &row : rows) {
    if (row.kind == kind && row.shared == shared && (!array || std::string_view(array) == row.array)) add(row, sum);
  }
  return sum;
}

const KindlingEmulatorCountedLaunch *KindlingEmulatorCountedLaunches(int64_t *count) {
  *count = int64_t(launches.size());
  return launches.data();
}
