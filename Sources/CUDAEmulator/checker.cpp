// Checked launches: every access to a Cell passes here before it is made.
#include <bit>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <unordered_map>

#include "block.h"

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
  std::string name;
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
  place = {intern(nearest->name), nearest->value, nearest->end, bytes, 0, false, smallest};
  return true;
}

std::string elementText(const char *name, int64_t element, int64_t columns) {
  char text[120];
  if (columns) {
    snprintf(text, sizeof text, "%s[%lld][%lld]", name, (long long)(element / columns), (long long)(element % columns));
  } else {
    snprintf(text, sizeof text, "%s[%lld]", name, (long long)element);
  }
  return text;
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
std::string findRace(History &history, const Touch &now, const std::string &element) {
  for (const Touch *earlier : {&history.write, &history.reads[0], &history.reads[1]}) {
    if (!races(*earlier, now)) continue;
    BlockRunner &runner = BlockRunner::current();
    std::string other = runner.describe(runner.threadAt(earlier->thread));
    if (earlier->block != now.block) other += " of block " + std::to_string(earlier->block);
    return std::string(verb(now.access)) + " " + element + after(now.line) + ", and " + other + " " +
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

// MARK: The trace

std::vector<KindlingEmulatorEvent> events;
std::string text;
int64_t limit = 0;
int32_t launchNumber = -1;

KindlingEmulatorEvent *record(KindlingEmulatorEventKind kind, const Thread *thread, const char *name) {
  if (!settings.tracing || int64_t(events.size()) >= limit) return nullptr;
  KindlingEmulatorEvent event = {};
  event.kind = kind;
  event.launch = launchNumber;
  event.name = name;
  if (thread) {
    event.block = int32_t(BlockRunner::current().block);
    event.thread = thread->rank;
    event.interval = thread->interval;
    event.line = thread->line;
  }
  events.push_back(event);
  return &events.back();
}

bool lastIsOpen = false;  // the last event waits for its value

}  // namespace

namespace {

/// Checks and records one access. What is wrong with it, or an empty string.
std::string examine(const void *site, const void *address, size_t bytes, Access access, double value) {
  const Thread &thread = *view.thread;
  const char *at = static_cast<const char *>(address);
  Place place;
  if (!locate(at, bytes, place)) return "follows a pointer that is no device memory";
  if (place.distance > 0) return strayed(at, bytes, access, place);
  int64_t element = (at - place.begin) / int64_t(place.elementBytes);
  std::string name = elementText(place.name, element, place.columns);
  History &history = (place.shared ? sharedHistory : globalHistory)[address];
  bool needsValue = access == Access::read || access == Access::atomic;
  if (place.shared && needsValue && !history.write.made) {
    return std::string(verb(access)) + " " + name + after(thread.line) + ", which no thread has written";
  }
  uint64_t block = BlockRunner::current().block;
  Touch now = {true, thread.rank, thread.interval, thread.warpSteps, thread.line, block, access};
  std::string race = findRace(history, now, name);
  if (!race.empty()) return race;

  auto kind = access == Access::read     ? KindlingEmulatorEventKind_read
              : access == Access::atomic ? KindlingEmulatorEventKind_atomic
                                         : KindlingEmulatorEventKind_write;
  KindlingEmulatorEvent *event = record(kind, &thread, place.name);
  lastIsOpen = event != nullptr;
  if (event) {
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

void note(double value) {
  if (lastIsOpen) events.back().value = value;
}

void recordBarrier(const Thread &thread, int line) {
  if (auto *event = record(KindlingEmulatorEventKind_barrier, &thread, "__syncthreads")) event->line = line;
}

void recordExchange(const Thread &thread, const char *operation, int source, uint64_t value, int line) {
  auto *event = record(KindlingEmulatorEventKind_exchange, &thread, operation);
  if (!event) return;
  event->line = line;
  event->element = source;
  // The type is gone by now. What fits 32 bits is taken for a float32, the rest for a float64.
  event->value = value >> 32 ? std::bit_cast<double>(value) : double(std::bit_cast<float>(uint32_t(value)));
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
      pointers.push_back(
          {name, reinterpret_cast<char *>(value), reinterpret_cast<char *>(begin), reinterpret_cast<char *>(end)});
    }
  }
  ++launchNumber;
  if (auto *event = record(KindlingEmulatorEventKind_launch, nullptr, launch.kernel->name)) {
    event->element = int64_t(launch.grid.count());
    event->value = double(launch.block.count());
  }
}

void checkBlock() { sharedHistory.clear(); }

// MARK: The trace as text

namespace {

void appendValue(std::string &out, double value) {
  char number[40];
  snprintf(number, sizeof number, " = %.6g", value);
  out += number;
}

std::string counted(int64_t count, const char *what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

/// All events of one thread between two barriers, as one line.
std::string lineOf(const std::vector<const KindlingEmulatorEvent *> &own) {
  std::string line;
  KindlingEmulatorEventKind last = KindlingEmulatorEventKind_launch;
  for (const KindlingEmulatorEvent *event : own) {
    const char *words = event->kind == KindlingEmulatorEventKind_read     ? "reads "
                        : event->kind == KindlingEmulatorEventKind_write  ? "writes "
                        : event->kind == KindlingEmulatorEventKind_atomic ? "adds, leaving "
                                                                          : "gets ";
    line += event->kind == last ? ", " : line.empty() ? words : std::string("; ") + words;
    last = event->kind;
    if (event->kind == KindlingEmulatorEventKind_exchange) {
      char what[80];
      if (event->element >= 0) {
        snprintf(what, sizeof what, "%.6g from lane %lld", event->value, (long long)event->element);
      } else {
        snprintf(what, sizeof what, "%s", event->name);
      }
      line += what;
    } else {
      line += elementText(event->name, event->element, event->columns);
      appendValue(line, event->value);
    }
  }
  return line;
}

using Threads = std::map<int32_t, std::vector<const KindlingEmulatorEvent *>>;
using Intervals = std::map<int32_t, Threads>;

/// The threads of a block that touch global memory anywhere. Of the others, which have no element of their own and only
/// keep the block whole, a small example has so many that they would hide the rest.
std::set<int32_t> threadsWithElements(const Intervals &intervals) {
  std::set<int32_t> found;
  for (const auto &[interval, threads] : intervals) {
    for (const auto &[rank, own] : threads) {
      for (const KindlingEmulatorEvent *event : own) {
        bool touches = event->kind == KindlingEmulatorEventKind_read ||
                       event->kind == KindlingEmulatorEventKind_write ||
                       event->kind == KindlingEmulatorEventKind_atomic;
        if (touches && !event->shared) found.insert(rank);
      }
    }
  }
  return found;
}

/// One stretch between two barriers of one block.
void appendInterval(std::string &out, const Threads &threads, const std::set<int32_t> &withElements) {
  int32_t barrierLine = 0, others = 0;
  for (const auto &[rank, own] : threads) {
    std::vector<const KindlingEmulatorEvent *> shown;
    for (const KindlingEmulatorEvent *event : own) {
      if (event->kind == KindlingEmulatorEventKind_barrier)
        barrierLine = event->line;
      else
        shown.push_back(event);
    }
    if (shown.empty()) continue;
    if (withElements.count(rank))
      out += "    thread " + std::to_string(rank) + " " + lineOf(shown) + "\n";
    else
      ++others;
  }
  if (others) out += "    and " + counted(others, "thread") + " that touch no global memory\n";
  if (barrierLine) out += "  barrier in line " + std::to_string(barrierLine) + "\n";
}

std::string render() {
  std::string out;
  std::map<int32_t, std::map<int32_t, Intervals>> launches;  // launch → block → interval → thread
  std::map<int32_t, const KindlingEmulatorEvent *> heads;
  for (const KindlingEmulatorEvent &event : events) {
    if (event.kind == KindlingEmulatorEventKind_launch)
      heads[event.launch] = &event;
    else
      launches[event.launch][event.block][event.interval][event.thread].push_back(&event);
  }
  for (const auto &[number, head] : heads) {
    out += std::string(head->name) + ", " + counted(head->element, "block") + " of " +
           counted(int64_t(head->value), "thread") + "\n";
    for (const auto &[block, intervals] : launches[number]) {
      out += "  block " + std::to_string(block) + "\n";
      std::set<int32_t> withElements = threadsWithElements(intervals);
      for (const auto &[interval, threads] : intervals) appendInterval(out, threads, withElements);
    }
  }
  if (int64_t(events.size()) >= limit) out += "… (the trace ends here, after " + std::to_string(limit) + " events)\n";
  return out;
}

}  // namespace

}  // namespace emulator

using namespace emulator;

void KindlingEmulatorTraceBegin(int64_t newLimit) {
  events.clear();
  text.clear();
  limit = newLimit;
  launchNumber = -1;
  settings.tracing = true;
}

void KindlingEmulatorTraceEnd(void) {
  settings.tracing = false;
  text = render();
}

const KindlingEmulatorEvent *KindlingEmulatorTraceEvents(int64_t *count) {
  *count = int64_t(events.size());
  return events.data();
}

const char *KindlingEmulatorTraceText(void) { return text.c_str(); }
