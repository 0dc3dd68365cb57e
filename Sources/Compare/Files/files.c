// Paths are relative to this file. No build notices that one of the files has changed; EmbeddedFile.swift has the
// answer.
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

#define FILE_BYTES(name) ((CompareFileBytes){name, sizeof name})

CompareFileBytes compareFileBytes(CompareFile file) {
  switch (file) {
    case CompareFileLesson1:
      return FILE_BYTES(lesson1);
    case CompareFileLesson2:
      return FILE_BYTES(lesson2);
    case CompareFileLesson3:
      return FILE_BYTES(lesson3);
    case CompareFileLesson4:
      return FILE_BYTES(lesson4);
    case CompareFileLesson5:
      return FILE_BYTES(lesson5);
    case CompareFileCurves:
      return FILE_BYTES(curves);
    case CompareFilePrograms:
      return FILE_BYTES(programs);
    case CompareFilePage:
      return FILE_BYTES(page);
    case CompareFileStyle:
      return FILE_BYTES(style);
    case CompareFileScript:
      return FILE_BYTES(script);
  }
}
