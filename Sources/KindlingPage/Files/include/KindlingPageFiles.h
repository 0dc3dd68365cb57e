// The page's template, style and script, carried inside every program that writes pages.
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef struct {
  const unsigned char *bytes;
  size_t count;
} PageFile;

// How many there are: the template, the style, and the parts of the script in their order.
int32_t pageFileCount(void);

// One of them; it lives as long as the program.
PageFile pageFile(int32_t place);
