// Finding an MPI library, and calling it.
#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "include/MPIDriver.h"

// MARK: What went wrong

static char message[2048] = "";
const char *KindlingMPIMessage(void) { return message; }

static bool fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
static bool fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  return false;
}

// MARK: The library

// A handle is a pointer in both families: to an object of the library's in Open MPI, and a number in the standard ABI.
typedef void *Handle;

// One row a function: its name, its parameters.
#define FUNCTIONS(FUNCTION)                                                                                       \
  FUNCTION(Init_thread, (int *, char ***, int required, int *provided))                                           \
  FUNCTION(Finalize, (void))                                                                                      \
  FUNCTION(Abort, (Handle communicator, int status))                                                              \
  FUNCTION(Get_library_version, (char *text, int *length))                                                        \
  FUNCTION(Error_string, (int error, char *text, int *length))                                                    \
  FUNCTION(Comm_set_errhandler, (Handle communicator, Handle handler))                                            \
  FUNCTION(Comm_rank, (Handle communicator, int *rank))                                                           \
  FUNCTION(Comm_size, (Handle communicator, int *size))                                                           \
  FUNCTION(Barrier, (Handle communicator))                                                                        \
  FUNCTION(Bcast, (void *values, int count, Handle type, int root, Handle communicator))                          \
  FUNCTION(Allreduce, (const void *in, void *out, int count, Handle type, Handle operation, Handle communicator)) \
  FUNCTION(Allgather,                                                                                             \
           (const void *in, int inCount, Handle inType, void *out, int outCount, Handle outType, Handle communicator))

// One row a handle: its name, the symbol that Open MPI has for it, the number in the standard ABI.
#define HANDLES(HANDLE)                                  \
  HANDLE(world, "ompi_mpi_comm_world", 0x101)            \
  HANDLE(returnsErrors, "ompi_mpi_errors_return", 0x143) \
  HANDLE(sum, "ompi_mpi_op_sum", 0x21)                   \
  HANDLE(max, "ompi_mpi_op_max", 0x23)                   \
  HANDLE(byte, "ompi_mpi_byte", 0x247)                   \
  HANDLE(float32, "ompi_mpi_float", 0x210)               \
  HANDLE(float64, "ompi_mpi_double", 0x214)              \
  HANDLE(int32, "ompi_mpi_int32_t", 0x250)               \
  HANDLE(int64, "ompi_mpi_int64_t", 0x258)

static struct {
#define FUNCTION(name, parameters) int(*name) parameters;
  FUNCTIONS(FUNCTION)
#undef FUNCTION
#define HANDLE(name, symbol, number) Handle name;
  HANDLES(HANDLE)
#undef HANDLE
  int funneled;  // the level of MPI_THREAD_FUNNELED: other threads compute, and leave MPI to this one
} mpi;

static char version[8192] = "";
const char *KindlingMPILibrary(void) { return version; }

/// Calls a function of the library, and leaves the function it stands in where that fails.
#define CALL(function, ...)                                       \
  do {                                                            \
    int result_ = mpi.function(__VA_ARGS__);                      \
    if (result_ != 0) return failCall("MPI_" #function, result_); \
  } while (0)

static bool failCall(const char *call, int result) {
  char text[8192] = "";
  int length = 0;
  if (mpi.Error_string(result, text, &length) != 0) snprintf(text, sizeof text, "error %d", result);
  return fail("%s: %s", call, text);
}

// MARK: The launcher

static bool isSet(const char *variable) { return getenv(variable) != NULL; }

/// What launchers write into the environment of the processes that they start.
static const struct {
  const char *rank, *size;
  bool isCertain;  // whether either of them is enough, since nobody but a launcher sets it
} launchers[] = {
    {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", true},  // Open MPI
    {"PMI_RANK", "PMI_SIZE", true},                          // MPICH and its kin; Slurm's srun --mpi=pmi2
    {"MV2_COMM_WORLD_RANK", "MV2_COMM_WORLD_SIZE", true},    // MVAPICH2
    {"SLURM_PROCID", "SLURM_STEP_NUM_TASKS", false},         // srun; a batch script has the first alone
    {"RANK", "WORLD_SIZE", false},                           // PyTorch's torchrun
    {"PMIX_RANK", NULL, true},                               // prun
    {"PALS_RANKID", NULL, true},                             // HPE Cray's
};
enum { launcherCount = sizeof launchers / sizeof *launchers };

/// What the launcher has said. A size of -1 is one that it did not say.
typedef struct Launch {
  int size;
  const char *variable, *value;
} Launch;

static Launch launch(void) {
  Launch told = {0, NULL, NULL};
  // The first that is certain counts, and those stand first. Of the others one may have started the other, as srun
  // starts one torchrun that starts eight: the larger counts.
  for (int i = 0; i < launcherCount; ++i) {
    const char *variable = launchers[i].size, *value = variable ? getenv(variable) : NULL;
    int size = value ? atoi(value) : 0;
    bool isSaid = launchers[i].isCertain || isSet(launchers[i].rank);
    if (isSaid && size > told.size) told = (Launch){size, variable, value};
    if (launchers[i].isCertain && told.size > 0) break;
  }
  if (told.size > 1) return told;
  // Who is alone has rank 0: a rank above it beside a size of 1 is that of one of several.
  for (int i = 0; i < launcherCount; ++i) {
    const char *variable = launchers[i].rank, *value = getenv(variable);
    bool isSaid = launchers[i].isCertain || launchers[i].size == told.variable;
    if (value && isSaid && (told.size == 0 || atoi(value) > 0)) return (Launch){-1, variable, value};
  }
  return told;
}

int32_t KindlingMPILaunched(void) { return launch().size; }

const char *KindlingMPILauncherVariable(int32_t index) {
  for (int i = 0; i < launcherCount; ++i) {
    const char *const names[] = {launchers[i].rank, launchers[i].size};
    for (int j = 0; j < 2; ++j) {
      if (names[j] && index-- == 0) return names[j];
    }
  }
  return NULL;
}

// MARK: Opening

/// Opens the family of whoever has started this process first: the others' libraries do not understand it.
static void *openLibrary(const char **name) {
  static const char *const names[] = {"libmpi.so.40", "libmpi_abi.so.1", "libmpi_abi.so.0"};
  enum { count = sizeof names / sizeof *names };
  int first = isSet("OMPI_COMM_WORLD_SIZE") || isSet("PMIX_RANK") ? 0 : 1;
  char tried[1024] = "";
  for (int i = 0; i < count; ++i) {
    *name = names[(first + i) % count];
    // Global, since Open MPI's own plugins look for its symbols there.
    void *library = dlopen(*name, RTLD_NOW | RTLD_GLOBAL);
    if (library) return library;
    const char *why = dlerror();
    size_t length = strlen(tried);
    snprintf(tried + length, sizeof tried - length, "%s%s (%s)", i ? ", " : "", *name, why ? why : "?");
  }
  Launch told = launch();
  fail(
      "no MPI library: looked for %s. A launcher has started this process (%s=%s), and without such a library it "
      "cannot "
      "speak to the others. Install Open MPI (Debian, Ubuntu: sudo apt-get install openmpi-bin), or any that has the "
      "standard ABI of MPI 5, such as MPICH 5; where it is in a folder of its own, name that in LD_LIBRARY_PATH. Start "
      "with its own mpirun.",
      tried, told.variable, told.value);
  return NULL;
}

static bool load(void) {
  const char *name;
  void *library = openLibrary(&name);
  if (!library) return false;
  const char *missing = NULL;
#define FUNCTION(function, parameters)                        \
  *(void **)&mpi.function = dlsym(library, "MPI_" #function); \
  if (!mpi.function && !missing) missing = "MPI_" #function;
  FUNCTIONS(FUNCTION)
#undef FUNCTION
  bool isStandard = strncmp(name, "libmpi_abi", 10) == 0;
#define HANDLE(handle, symbol, number)                                         \
  mpi.handle = isStandard ? (Handle)(intptr_t)number : dlsym(library, symbol); \
  if (!mpi.handle && !missing) missing = symbol;
  HANDLES(HANDLE)
#undef HANDLE
  mpi.funneled = isStandard ? 1024 : 1;
  return missing ? fail("the MPI library %s lacks %s.", name, missing) : true;
}

// MARK: Beginning and end

static enum { before, joining, among, after } state = before;
static int ownRank, groupSize;

#define WHAT_TO_DO                                                                                        \
  "Start with the mpirun of that library (Slurm: srun --mpi=pmix, or mpirun), or name the folder of the " \
  "launcher's own library in LD_LIBRARY_PATH."

/// Whoever ends without a word would leave the others waiting.
static void abortUnlessEnded(void) {
  if (state != among) return;
  fprintf(stderr, "rank %d of %d ends before the others, and takes them with it.\n", ownRank, groupSize);
  KindlingMPIAbort(1);
}

/// A library may end a process whose launcher it does not understand, and not say so.
static void sayWhoHasEnded(void) {
  if (state != joining) return;
  Launch told = launch();
  fprintf(stderr,
          "the MPI library that was found, %s, has ended this process when it was to join the others (%s=%s): perhaps "
          "launcher and library are not of one kind. " WHAT_TO_DO "\n",
          version, told.variable, told.value);
}

/// Whether the library has found those whom the launcher has started. A library that does not understand the launcher
/// takes each process for the only one.
static bool isOfOneKind(void) {
  Launch told = launch();
  // Where the launcher says only ranks, the first of several looks like one that is alone.
  if (told.size > 0 ? told.size == groupSize : groupSize > 1 && atoi(told.value) == ownRank) return true;
  // A launcher that says only ranks may well have started one.
  return fail(
      "a launcher %s started several processes (%s=%s), but the MPI library that was found, %s, takes this one for "
      "rank %d of %d: launcher and library are not of one kind. " WHAT_TO_DO,
      told.size > 0 ? "has" : "may have", told.variable, told.value, version, ownRank, groupSize);
}

static bool join(void) {
  int provided, length;
  CALL(Get_library_version, version, &length);
  version[strcspn(version, "\n,")] = 0;
  CALL(Init_thread, NULL, NULL, mpi.funneled, &provided);
  CALL(Comm_set_errhandler, mpi.world, mpi.returnsErrors);
  CALL(Comm_rank, mpi.world, &ownRank);
  CALL(Comm_size, mpi.world, &groupSize);
  return isOfOneKind();
}

bool KindlingMPIBegin(int32_t *rank, int32_t *size) {
  if (state == after) return fail("this process has taken leave of the others already.");
  if (state == before) {
    if (!load()) return false;
    atexit(sayWhoHasEnded);
    state = joining;
    if (!join()) {
      state = before;
      return false;
    }
    state = among;
    // A process that is alone leaves nobody waiting.
    if (groupSize > 1) atexit(abortUnlessEnded);
  }
  *rank = ownRank;
  *size = groupSize;
  return true;
}

bool KindlingMPIEnd(void) {
  if (state != among) return true;
  CALL(Barrier, mpi.world);
  state = after;
  CALL(Finalize);
  return true;
}

void KindlingMPIAbort(int32_t status) {
  bool isAmong = state == among;
  state = after;  // the library ends this process, and that is when the function above is called
  if (isAmong) mpi.Abort(mpi.world, status);
  exit(status);
}

// MARK: Together

// The library counts with an int: more goes in parts.
enum { most = 1 << 30 };

bool KindlingMPIBarrier(void) {
  CALL(Barrier, mpi.world);
  return true;
}

bool KindlingMPIBroadcast(void *bytes, int64_t byteCount, int32_t root) {
  for (int64_t done = 0; done < byteCount; done += most) {
    int count = byteCount - done < most ? (int)(byteCount - done) : most;
    CALL(Bcast, (char *)bytes + done, count, mpi.byte, root, mpi.world);
  }
  return true;
}

bool KindlingMPIAllReduce(void *values, int64_t count, KindlingMPIType type, KindlingMPIOperation operation) {
  Handle types[] = {mpi.float32, mpi.float64, mpi.int32, mpi.int64}, operations[] = {mpi.sum, mpi.max};
  static const int sizes[] = {4, 8, 4, 8};
  void *const inPlace = (void *)1;  // MPI_IN_PLACE of both families
  Handle reduction = operations[operation];
  for (int64_t done = 0; done < count; done += most) {
    int part = count - done < most ? (int)(count - done) : most;
    char *here = (char *)values + done * sizes[type];
    CALL(Allreduce, inPlace, here, part, types[type], reduction, mpi.world);
  }
  return true;
}

bool KindlingMPIAllGather(const void *mine, void *all, int32_t byteCount) {
  CALL(Allgather, mine, byteCount, mpi.byte, all, byteCount, mpi.byte, mpi.world);
  return true;
}
