// Checked launches: every access to a Cell passes here before it is made, and from here goes to the trace and the
// counters.
#include <cstdlib>
#include <unordered_map>

#include "block.h"
#include "trace.h"

namespace emulator {

namespace {

// MARK: Where an address belongs

struct Place {
  const char *name;
  const char *begin, *end;  // of the memory it names
  size_t elementBytes;
  int64_t columns;
  bool shared;
  int64_t distance;  // of an address outside of that memory, in bytes; 0 inside
};

/// A kernel's pointers, with the names they have in the source.
struct Pointer {
  const char *name;
  const char *value, *begin, *end;
};

std::vector<Pointer> pointers;

/// The parameters' names, out of "(const Cell<float> *x, Cell<float> *out, int64_t count)".
std::vector<std::string> parameterNames(const char *parameters) {
  std::vector<std::string> names;
  std::string word;
  for (const char *c = parameters; *c; ++c) {
    if (isalnum(*c) || *c == '_') {
      word += *c;
      continue;
    }
    if ((*c == ',' || *c == ')') && !word.empty()) names.push_back(word);
    word.clear();
  }
  return names;
}

/// Names in events must outlive the launch.
const char *intern(const std::string &name) {
  static std::unordered_map<std::string, bool> known;
  return known.try_emplace(name, true).first->first.c_str();
}

/// The memory that the address is in or nearest to. False where the kernel has none.
bool locate(const char *address, size_t bytes, Place &place) {
  BlockRunner &runner = BlockRunner::current();
  if (address >= runner.sharedBegin() && address < runner.sharedEnd() && !runner.sharedPlaces().empty()) {
    const SharedPlace *last = nullptr;  // the variable that begins at or before the address
    for (const SharedPlace &shared : runner.sharedPlaces()) {
      if (shared.address <= address && (!last || shared.address > last->address)) last = &shared;
    }
    if (!last) last = &runner.sharedPlaces().front();
    place = {last->name, last->address, last->address + last->bytes, last->elementBytes, last->columns, true, 0};
    if (address < place.begin) place.distance = place.begin - address;
    if (address + bytes > place.end) place.distance = address + bytes - place.end;
    return true;
  }
  const Pointer *nearest = nullptr;
  int64_t smallest = INT64_MAX;
  for (const Pointer &pointer : pointers) {
    int64_t distance = address < pointer.begin         ? pointer.begin - address
                       : address + bytes > pointer.end ? address + bytes - pointer.end
                                                       : 0;
    // Where two pointers point into one allocation, as in an update in place, the nearer one is meant.
    if (distance < smallest ||
        (distance == smallest && std::abs(address - pointer.value) < std::abs(address - nearest->value))) {
      smallest = distance;
      nearest = &pointer;
    }
  }
  if (!nearest) return false;
  place = {nearest->name, nearest->value, nearest->end, bytes, 0, false, smallest};
  return true;
}

// MARK: Races

struct Touch {
  bool made = false;
  int32_t thread, interval, warpSteps, line;
  uint64_t block;
  Access access;
};
struct History {
  Touch write, reads[2];  // two readers, so that a writer always meets one that it is not itself
};
std::unordered_map<const void *, History> globalHistory, sharedHistory;

/// Whether nothing orders two touches of one element.
bool races(const Touch &earlier, const Touch &now) {
  if (!earlier.made || (earlier.access == Access::read && now.access == Access::read)) return false;
  if (earlier.access == now.access && (now.access == Access::atomic || now.access == Access::freeWrite)) return false;
  if (earlier.block != now.block) return true;  // nothing orders the blocks of a launch
  if (earlier.thread == now.thread || earlier.interval != now.interval) return false;
  return earlier.thread / 32 != now.thread / 32 || earlier.warpSteps == now.warpSteps;
}

const char *verb(Access access) {
  switch (access) {
    case Access::read:
      return "reads";
    case Access::write:
      return "writes";
    case Access::freeWrite:
      return "writes";
    case Access::atomic:
      return "adds to";
  }
  return "";
}

std::string after(int32_t line) { return line ? " after line " + std::to_string(line) : std::string(" at the start"); }

/// What is wrong with an access outside of all memory, to which `place` is the nearest.
///
/// An unsigned index, such as threadIdx.x - 1, goes on from 2³² - 1 below 0. Then the nearest memory is none that is
/// meant, but there is some near to what lies 2³² elements before; or as many rows, of a two-dimensional array.
std::string strayed(const char *at, size_t bytes, Access access, Place place) {
  std::vector<int64_t> widths = {1};
  for (const SharedPlace &shared : BlockRunner::current().sharedPlaces()) {
    if (shared.columns) widths.push_back(shared.columns);
  }
  int64_t wrapped = 0;  // elements
  for (int64_t width : widths) {
    int64_t elements = width << 32;
    Place before;
    if (uintptr_t(at) < elements * bytes || !locate(at - elements * bytes, bytes, before)) continue;
    if (before.distance >= place.distance) continue;
    place = before;
    wrapped = elements;
  }
  int64_t element = (at - place.begin) / int64_t(place.elementBytes);
  std::string text = std::string(verb(access)) + " " + elementText(place.name, element, place.columns);
  if (wrapped && element < wrapped) {
    int64_t columns = place.columns ? place.columns : 1, meant = element - wrapped;
    int64_t column = (meant % columns + columns) % columns, row = (meant - column) / columns;
    text += std::string(", which is ") + place.name + "[" + std::to_string(row) + "]" +
            (place.columns ? "[" + std::to_string(column) + "]" : "") + " with an unsigned index";
  }
  int64_t count = (place.end - place.begin) / int64_t(place.elementBytes);
  return text + ", but " + place.name + " has " + std::to_string(count) + (count == 1 ? " element" : " elements");
}

/// What is wrong with a touch, or an empty string.
std::string findRace(History &history, const Touch &now, const Place &place, int64_t element) {
  for (const Touch *earlier : {&history.write, &history.reads[0], &history.reads[1]}) {
    if (!races(*earlier, now)) continue;
    BlockRunner &runner = BlockRunner::current();
    std::string other = runner.describe(runner.threadAt(earlier->thread));
    if (earlier->block != now.block) other += " of block " + std::to_string(earlier->block);
    std::string name = elementText(place.name, element, place.columns);
    return std::string(verb(now.access)) + " " + name + after(now.line) + ", and " + other + " " +
           verb(earlier->access) + " it" + after(earlier->line) + ": a race, since nothing says who comes first";
  }
  if (now.access != Access::read) {
    history = {};
    history.write = now;
  } else {
    const Touch &first = history.reads[0];
    bool own = !first.made || (first.thread == now.thread && first.block == now.block);
    history.reads[own ? 0 : 1] = now;
  }
  return "";
}

/// Checks and records one access. What is wrong with it, or an empty string.
std::string examine(const void *site, const void *address, size_t bytes, Access access, double value) {
  const Thread &thread = *view.thread;
  const char *at = static_cast<const char *>(address);
  Place place;
  if (!locate(at, bytes, place)) return "follows a pointer that is no device memory";
  if (place.distance > 0) return strayed(at, bytes, access, place);
  int64_t element = (at - place.begin) / int64_t(place.elementBytes);
  History &history = (place.shared ? sharedHistory : globalHistory)[address];
  bool needsValue = access == Access::read || access == Access::atomic;
  if (place.shared && needsValue && !history.write.made) {
    std::string name = elementText(place.name, element, place.columns);
    return std::string(verb(access)) + " " + name + after(thread.line) + ", which no thread has written";
  }
  uint64_t block = BlockRunner::current().block;
  Touch now = {true, thread.rank, thread.interval, thread.warpSteps, thread.line, block, access};
  std::string race = findRace(history, now, place, element);
  if (!race.empty()) return race;

  if (KindlingEmulatorEvent *event = recordAccess(access, thread, place.name)) {
    event->shared = place.shared;
    event->element = element;
    event->columns = int32_t(place.columns);
    event->value = value;
  }
  if (settings.counting) {
    uintptr_t inMemory = uintptr_t(at) - (place.shared ? uintptr_t(place.begin) : 0);
    countAccess(thread, {site, place.name, place.shared, access, inMemory, bytes});
  }
  return "";
}

}  // namespace

void watch(const void *address, size_t bytes, Access access, double value) {
  // Kept outside of this stack, which is left for good where the launch fails.
  static std::string &complaint = *new std::string;
  complaint = examine(__builtin_return_address(0), address, bytes, access, value);
  if (!complaint.empty()) emulator::fail("%s", complaint.c_str());
}

void checkLaunch(const Launch &launch) {
  globalHistory.clear();
  if (settings.counting) countLaunch(launch);
  pointers.clear();
  std::vector<std::string> names = parameterNames(launch.kernel->parameters);
  for (int32_t i = 0; i < launch.kernel->parameterCount; ++i) {
    size_t size = launch.kernel->sizes[i];
    if (!launch.kernel->pointers[i] && size <= sizeof(uintptr_t)) continue;
    std::string name = i < int32_t(names.size()) ? names[i] : "parameter " + std::to_string(i);
    // A structure may hold pointers: every word of it that is an address of device memory.
    for (size_t at = 0; at + sizeof(uintptr_t) <= size; at += sizeof(uintptr_t)) {
      uintptr_t value, begin, end;
      memcpy(&value, static_cast<char *>(launch.parameters[i]) + at, sizeof value);
      if (!value || !findAllocation(value, begin, end)) continue;
      const char *member = launch.kernel->members[i](at);
      pointers.push_back({intern(member ? member : name), reinterpret_cast<char *>(value),
                          reinterpret_cast<char *>(begin), reinterpret_cast<char *>(end)});
    }
  }
  recordLaunch(launch);
}

void checkBlock() { sharedHistory.clear(); }

}  // namespace emulator
