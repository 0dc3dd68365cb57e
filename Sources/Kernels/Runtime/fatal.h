// How a kernel ends the program.
#ifndef KINDLING_FATAL_H
#define KINDLING_FATAL_H

#include <cstdarg>
#include <cstdio>
#include <cstdlib>

namespace kindling {

/// Prints one line to standard error and aborts.
[[noreturn]] __attribute__((format(printf, 1, 2), cold, noinline)) inline void fatal(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  std::fputs("Kindling: ", stderr);
  std::vfprintf(stderr, format, arguments);
  std::fputc('\n', stderr);
  va_end(arguments);
  std::abort();
}

}  // namespace kindling

#endif
