// Files that `compare` carries inside itself, so that it needs no folder beside it and shows the lessons that it was
// built with.
#pragma once

#include <stddef.h>

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
