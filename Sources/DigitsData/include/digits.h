// The digits of scikit-learn's load_digits, built into the program: two files in MNIST's IDX format, byte for byte. A
// lesson can never miss its data. README.md says where they come from, LICENSE.md under which terms.
#ifndef KINDLING_DIGITS_H
#define KINDLING_DIGITS_H

#include <stddef.h>

/// 1,797 images of 8 × 8 grey values from 0 to 16.
extern const unsigned char *_Nonnull const digitsImages;
extern const size_t digitsImagesByteCount;

/// The digit that each image shows.
extern const unsigned char *_Nonnull const digitsLabels;
extern const size_t digitsLabelsByteCount;

#endif
