#include "include/KindlingDataFiles.h"

// #embed is C23; the compiler knows it in every mode, and says so.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char images[] = {
#embed "digits-images-idx3-ubyte"
};

static const unsigned char labels[] = {
#embed "digits-labels-idx1-ubyte"
};

static const unsigned char iris[] = {
#embed "iris.csv"
};

static const unsigned char wine[] = {
#embed "wine.csv"
};

static const unsigned char names[] = {
#embed "names.txt"
};

const unsigned char *_Nonnull const digitsImages = images;
const size_t digitsImagesByteCount = sizeof images;
const unsigned char *_Nonnull const digitsLabels = labels;
const size_t digitsLabelsByteCount = sizeof labels;
const unsigned char *_Nonnull const irisTable = iris;
const size_t irisTableByteCount = sizeof iris;
const unsigned char *_Nonnull const wineTable = wine;
const size_t wineTableByteCount = sizeof wine;
const unsigned char *_Nonnull const firstNames = names;
const size_t firstNamesByteCount = sizeof names;
