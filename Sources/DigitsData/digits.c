#include "digits.h"

// #embed is C23; the compiler knows it in every mode, and says so.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char images[] = {
#embed "images-idx3-ubyte"
};

static const unsigned char labels[] = {
#embed "labels-idx1-ubyte"
};

const unsigned char *_Nonnull const digitsImages = images;
const size_t digitsImagesByteCount = sizeof images;
const unsigned char *_Nonnull const digitsLabels = labels;
const size_t digitsLabelsByteCount = sizeof labels;
