// Files that `compare` carries inside itself, so that it needs no folder beside it and shows the lessons that it was
// built with.
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef enum __attribute__((enum_extensibility(closed))) {
  CompareFileLesson1,
  CompareFileLesson2,
  CompareFileLesson3,
  CompareFileLesson4,
  CompareFileLesson5,
  CompareFileCurves,
  CompareFilePrograms,
  CompareFilePage,
  CompareFileStyle,
  CompareFileScript,
} CompareFile;

typedef struct {
  const unsigned char *bytes;
  size_t count;
} CompareFileBytes;

// The bytes of a file; they live as long as the program.
CompareFileBytes compareFileBytes(CompareFile file);

// Starts a program in a process group of its own, without input, with its outputs going to two open files. It is ended with
// SIGTERM should this process die first. The error number if it cannot be started, else 0.
int32_t compareStart(const char *program, char *const *arguments, int32_t output, int32_t errors, int32_t *child);
