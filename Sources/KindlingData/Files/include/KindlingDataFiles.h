// Small data sets, built into the program, so that it can never miss them. README.md says what they are and where they
// come from, LICENSE.md under which terms.
#ifndef KINDLING_DATA_FILES_H
#define KINDLING_DATA_FILES_H

#include <stddef.h>

/// 1,797 images of 8 × 8 grey values from 0 to 16, in MNIST's IDX format.
extern const unsigned char *_Nonnull const digitsImages;
extern const size_t digitsImagesByteCount;

/// The digit that each image shows.
extern const unsigned char *_Nonnull const digitsLabels;
extern const size_t digitsLabelsByteCount;

/// 150 irises, a line of names first: four lengths and the class, as CSV.
extern const unsigned char *_Nonnull const irisTable;
extern const size_t irisTableByteCount;

/// 178 wines, a line of names first: 13 measurements and the class, as CSV.
extern const unsigned char *_Nonnull const wineTable;
extern const size_t wineTableByteCount;

/// 5,163 first names in small letters, one a line.
extern const unsigned char *_Nonnull const firstNames;
extern const size_t firstNamesByteCount;

#endif
