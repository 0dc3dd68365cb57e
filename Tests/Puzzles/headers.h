// What every puzzle includes before it enters a namespace of its own.
#ifndef KINDLING_PUZZLE_HEADERS_H
#define KINDLING_PUZZLE_HEADERS_H

#include <math.h>

#include <atomic>
#include <bit>
#include <cmath>
#include <cstdio>

#include "CUDAEmulator/machine.h"
#include "Kernels/Runtime/parameters.h"

#endif
