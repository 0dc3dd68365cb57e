// Files that `compare` carries inside itself, so that it needs no folder beside it and shows the lessons that it was
// built with.
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef struct {
  const char *path;  // from the package's folder; NULL where there is none
  const unsigned char *bytes;
  size_t count;
} CompareFile;

// The file of a path; it lives as long as the program.
CompareFile KindlingEmbeddedFile(const char *path);

// Starts a program in a process group of its own, without input, with its outputs going to two open files. It is ended
// with SIGTERM should this process die first. The error number if it cannot be started, else 0.
int32_t KindlingStartProgram(const char *program, char *const *arguments, int32_t output, int32_t errors,
                             int32_t *child);
