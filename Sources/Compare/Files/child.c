#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "include/CompareFiles.h"

/// Between fork and exec: only what is allowed in a signal handler.
static void become(const char *program, char *const *arguments, int output, int errors, pid_t parent, int report) {
  setpgid(0, 0);
#ifdef __linux__
  // posix_spawn has no attribute for this: to be ended when the parent ends, even where nothing is left to do it.
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(127);
#endif
  int input = open("/dev/null", O_RDONLY);
  if (dup2(input, STDIN_FILENO) >= 0 && dup2(output, STDOUT_FILENO) >= 0 && dup2(errors, STDERR_FILENO) >= 0) {
    execvp(program, arguments);
  }
  int error = errno;
  if (write(report, &error, sizeof error) < 0) _exit(126);
  _exit(127);
}

int32_t KindlingStartProgram(const char *program, char *const *arguments, int32_t output, int32_t errors,
                             int32_t *child) {
  int report[2];
  if (pipe(report) != 0) return errno;
  fcntl(report[0], F_SETFD, FD_CLOEXEC);
  fcntl(report[1], F_SETFD, FD_CLOEXEC);
  pid_t parent = getpid();
  pid_t process = fork();
  int error = process < 0 ? errno : 0;
  if (process == 0) become(program, arguments, output, errors, parent, report[1]);
  close(report[1]);
  if (process > 0) {
    setpgid(process, process);  // here too: whoever comes first
    // The end of the pipe says that the program runs: exec has closed the other end.
    while (read(report[0], &error, sizeof error) < 0 && errno == EINTR) {
    }
    if (error != 0) waitpid(process, NULL, 0);
  }
  close(report[0]);
  *child = process;
  return error;
}
