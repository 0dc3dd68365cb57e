// Where an instruction looks up what it does.
#ifndef KINDLING_PTX_MEMORY_H
#define KINDLING_PTX_MEMORY_H

#include "program.h"

namespace ptx {

/// Global memory, a block's, a thread's own.
enum class Space { global, shared, own };

/// What an instruction does; NULL where it is unknown. A result or a source may be several registers: {%r1, %r2}.
Action action(const std::string &name, int32_t results, int32_t sources);

}  // namespace ptx

#endif
