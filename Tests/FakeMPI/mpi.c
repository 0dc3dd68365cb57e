// An MPI library with the standard ABI that sees what FAKE_MPI says, "0 2" for rank 0 of 2, and whose others have what
// this process has; or, where they are none, that ends the process that joins them. Tests compile it, and name its
// folder in LD_LIBRARY_PATH.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef void *Handle;

static int number(int place) {
  int numbers[2] = {0, 1};
  const char *text = getenv("FAKE_MPI");
  if (text) sscanf(text, "%d %d", &numbers[0], &numbers[1]);
  return numbers[place];
}

int MPI_Init_thread(int *count, char ***arguments, int required, int *provided) {
  if (number(1) == 0) exit(17);
  *provided = required;
  return 0;
}

int MPI_Finalize(void) { return 0; }

int MPI_Abort(Handle communicator, int status) { exit(status); }

int MPI_Get_library_version(char *text, int *length) {
  *length = sprintf(text, "Fake MPI 1.0");
  return 0;
}

int MPI_Error_string(int error, char *text, int *length) {
  *length = sprintf(text, "error %d", error);
  return 0;
}

int MPI_Comm_set_errhandler(Handle communicator, Handle handler) { return 0; }

int MPI_Comm_rank(Handle communicator, int *rank) {
  *rank = number(0);
  return 0;
}

int MPI_Comm_size(Handle communicator, int *size) {
  *size = number(1);
  return 0;
}

int MPI_Barrier(Handle communicator) { return 0; }

int MPI_Bcast(void *values, int count, Handle type, int root, Handle communicator) { return 0; }

int MPI_Allreduce(const void *in, void *out, int count, Handle type, Handle operation, Handle communicator) {
  return 0;
}

// Only bytes are gathered.
int MPI_Allgather(const void *in, int inCount, Handle inType, void *out, int outCount, Handle outType,
                  Handle communicator) {
  for (int rank = 0; rank < number(1); ++rank) memcpy((char *)out + rank * outCount, in, (size_t)inCount);
  return 0;
}
