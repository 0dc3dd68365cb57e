// What checked launches tell the trace. Internal to the emulator.
#ifndef KINDLING_EMULATOR_TRACE_H
#define KINDLING_EMULATOR_TRACE_H

#include "block.h"

namespace emulator {

void recordLaunch(const Launch &launch);
/// An access that has passed the checks, for the checker to fill in; nullptr where there is no trace, or it is full.
KindlingEmulatorEvent *recordAccess(Access access, const Thread &thread, const char *name);

/// An element as the source writes it: x[3], or tile[1][2] of an array with columns.
std::string elementText(const char *name, int64_t element, int64_t columns);

}  // namespace emulator

#endif
