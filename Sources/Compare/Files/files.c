// Embedded paths are relative to this file. No build notices that one of the files has changed; EmbeddedFile.swift has
// the answer.
#include <string.h>

#include "include/CompareFiles.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char lesson1[] = {
#embed "../../../Lessons/Lesson1RawArrays/Lesson.swift"
};
static const unsigned char lesson2[] = {
#embed "../../../Lessons/Lesson2Tensors/Lesson.swift"
};
static const unsigned char lesson3[] = {
#embed "../../../Lessons/Lesson3Autograd/Lesson.swift"
};
static const unsigned char lesson4[] = {
#embed "../../../Lessons/Lesson4NNModule/Lesson.swift"
};
static const unsigned char lesson5[] = {
#embed "../../../Lessons/Lesson5OptimModule/Lesson.swift"
};
static const unsigned char curves[] = {
#embed "../../../Tests/Reference/curves.safetensors"
};
static const unsigned char programs[] = {
#embed "programs.py"
};
static const unsigned char page[] = {
#embed "report.html"
};
static const unsigned char style[] = {
#embed "report.css"
};
static const unsigned char script[] = {
#embed "report.js"
};

#define FILE_ROW(name, path) {path, name, sizeof name}

static const CompareFile files[] = {
    FILE_ROW(lesson1, "Lessons/Lesson1RawArrays/Lesson.swift"),
    FILE_ROW(lesson2, "Lessons/Lesson2Tensors/Lesson.swift"),
    FILE_ROW(lesson3, "Lessons/Lesson3Autograd/Lesson.swift"),
    FILE_ROW(lesson4, "Lessons/Lesson4NNModule/Lesson.swift"),
    FILE_ROW(lesson5, "Lessons/Lesson5OptimModule/Lesson.swift"),
    FILE_ROW(curves, "Tests/Reference/curves.safetensors"),
    FILE_ROW(programs, "Sources/Compare/Files/programs.py"),
    FILE_ROW(page, "Sources/Compare/Files/report.html"),
    FILE_ROW(style, "Sources/Compare/Files/report.css"),
    FILE_ROW(script, "Sources/Compare/Files/report.js"),
};

CompareFile KindlingEmbeddedFile(const char *path) {
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    if (strcmp(files[i].path, path) == 0) return files[i];
  }
  return (CompareFile){0};
}
