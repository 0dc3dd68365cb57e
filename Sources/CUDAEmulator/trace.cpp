// The trace of checked launches: what each thread did, as events and as text.
#include "trace.h"

#include <bit>
#include <cstdio>
#include <map>
#include <set>

namespace emulator {

namespace {

std::vector<KindlingEmulatorEvent> events;
std::string text;
int64_t limit = 0;
int32_t launchNumber = -1;
bool lastIsOpen = false;  // the last event waits for its value

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

}  // namespace

// MARK: Events

void recordLaunch(const Launch &launch) {
  ++launchNumber;
  if (auto *event = record(KindlingEmulatorEventKind_launch, nullptr, launch.kernel->name)) {
    event->element = int64_t(launch.grid.count());
    event->value = double(launch.block.count());
  }
}

KindlingEmulatorEvent *recordAccess(Access access, const Thread &thread, const char *name) {
  auto kind = access == Access::read     ? KindlingEmulatorEventKind_read
              : access == Access::atomic ? KindlingEmulatorEventKind_atomic
                                         : KindlingEmulatorEventKind_write;
  KindlingEmulatorEvent *event = record(kind, &thread, name);
  lastIsOpen = event != nullptr;
  return event;
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

// MARK: Text

std::string elementText(const char *name, int64_t element, int64_t columns) {
  char text[120];
  if (columns) {
    snprintf(text, sizeof text, "%s[%lld][%lld]", name, (long long)(element / columns), (long long)(element % columns));
  } else {
    snprintf(text, sizeof text, "%s[%lld]", name, (long long)element);
  }
  return text;
}

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
