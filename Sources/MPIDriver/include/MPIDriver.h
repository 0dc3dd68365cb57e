// Several processes that compute together, by an MPI library that is found at run time: no header of its is needed to
// build, and nothing to link.
//
// Two families are known, whose handles differ: Open MPI, and whatever has the standard ABI of MPI 5.0, as MPICH has.
// Each function returns whether it went well; if not, KindlingMPIMessage() has the sentence to show. All of them belong
// to the thread that has called KindlingMPIBegin.
#ifndef KINDLING_MPIDRIVER_H
#define KINDLING_MPIDRIVER_H

#include <stdbool.h>
#include <stdint.h>

#define KINDLING_MPI_ENUM __attribute__((enum_extensibility(closed)))

typedef enum KINDLING_MPI_ENUM KindlingMPIType : int32_t {
  KindlingMPIType_float32,
  KindlingMPIType_float64,
  KindlingMPIType_int32,
  KindlingMPIType_int64,
} KindlingMPIType;

typedef enum KINDLING_MPI_ENUM KindlingMPIOperation : int32_t {
  KindlingMPIOperation_sum,
  KindlingMPIOperation_max,
} KindlingMPIOperation;

/// How many processes a launcher such as mpirun has started together, this one among them, as its environment says: 0
/// if there is no launcher, -1 if it does not say. Loads nothing.
int32_t KindlingMPILaunched(void);
/// The variables of the environment that launchers are known by, one after another; NULL after the last.
const char *_Nullable KindlingMPILauncherVariable(int32_t index);

/// Finds the library and joins the others, of whom the launcher must have told. Fails where the library does not see
/// those whom the launcher has started, as one of another kind does not. The second call only gives the same answer
/// again. A process that ends without KindlingMPIEnd from here on takes the others with it: they would wait for it for
/// ever.
bool KindlingMPIBegin(int32_t *_Nonnull rank, int32_t *_Nonnull size);
/// Takes leave of the others, once all have come here. What follows is for this process alone.
bool KindlingMPIEnd(void);
/// Ends all processes, at once.
_Noreturn void KindlingMPIAbort(int32_t status);

/// What went wrong in the last call that failed.
const char *_Nonnull KindlingMPIMessage(void);
/// The library's name and version, as it gives them; empty before KindlingMPIBegin.
const char *_Nonnull KindlingMPILibrary(void);

/// Waits until all processes have come here.
bool KindlingMPIBarrier(void);
/// Hands `byteCount` bytes of process `root` to all.
bool KindlingMPIBroadcast(void *_Nonnull bytes, int64_t byteCount, int32_t root);
/// Puts the sum or the largest of all processes' values into the place of each process's own.
bool KindlingMPIAllReduce(void *_Nonnull values, int64_t count, KindlingMPIType type, KindlingMPIOperation operation);
/// Gathers the `byteCount` bytes of each process, by rank, into `all`, which has room for as many times as many.
bool KindlingMPIAllGather(const void *_Nonnull mine, void *_Nonnull all, int32_t byteCount);

#endif
