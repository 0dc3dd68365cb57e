// Products of matrices in every layout, of sizes that fill no tile, by our kernels and by the code around OpenBLAS; and
// convolutions.
#include "check.h"

using namespace kindling;

namespace {

/// batch, m, n, k. Tiles and vectors with remainders, several blocks of k, and a product that is divided among threads.
constexpr int64_t sizes[][4] = {{1, 2, 2, 1},     {1, 7, 3, 300},  {1, 33, 17, 600}, {1, 13, 70, 5},
                                {1, 97, 65, 513}, {3, 12, 31, 40}, {1, 5, 130, 257}};
constexpr int64_t vectorSizes[][4] = {{1, 1, 37, 50}, {1, 41, 1, 300}, {2, 1, 1, 9}};

/// x, y and their product as one case of each size has them.
template <typename T>
struct Product {
  int64_t batch, m, n, k;
  Store<T> x, y, bias;
  std::vector<Exact<T>> value, size;  // and the sums of absolute products

  explicit Product(const int64_t (&of)[4])
      : batch(of[0]),
        m(of[1]),
        n(of[2]),
        k(of[3]),
        x(numbers<T>(batch * m * k, 31)),
        y(numbers<T>(batch * k * n, 32)),
        bias(numbers<T>(n, 37)) {
    for (int64_t i = 0; i < batch * m * n; i++) {
      int64_t b = i / (m * n), row = i / n % m, column = i % n;
      Exact<T> sum = 0, absolute = 0;
      for (int64_t l = 0; l < k; l++) {
        Exact<T> term = Exact<T>(x[(b * m + row) * k + l]) * Exact<T>(y[(b * k + l) * n + column]);
        sum += term;
        absolute += term < 0 ? -term : term;
      }
      value.push_back(sum);
      size.push_back(absolute);
    }
  }

  /// The product of x and y that lie in memory as these say; all layouts have the same bits.
  void add(Case &results, const Lie &xLie, const Lie &yLie) const {
    Store<T> xMemory(batch * xLie.length), yMemory(batch * yLie.length), out(batch * m * n);
    for (int64_t b = 0; b < batch; b++) {
      for (int64_t i = 0; i < m * k; i++) {
        int64_t place = b * xLie.length + i / k * xLie.rowStride + i % k * xLie.columnStride;
        xMemory.values[size_t(place)] = x[b * m * k + i];
      }
      for (int64_t i = 0; i < k * n; i++) {
        int64_t place = b * yLie.length + i / n * yLie.rowStride + i % n * yLie.columnStride;
        yMemory.values[size_t(place)] = y[b * k * n + i];
      }
    }
    for (bool hasBias : {false, true}) {
      KindlingMatmul(typeOf<T>, batch, m, n, k, {xMemory.data(), xLie.rowStride, xLie.columnStride, xLie.length},
                     {yMemory.data(), yLie.rowStride, yLie.columnStride, yLie.length},
                     hasBias ? bias.values.data() : nullptr, {out.data(), n, 1, m * n});
      for (int64_t i = 0; i < batch * m * n; i++) {
        // Every addition rounds, and every product where there is no fused multiply-add.
        Exact<T> added = hasBias ? Exact<T>(bias[i % n]) : Exact<T>(0);
        double all = double(size[size_t(i)]) + std::fabs(double(added));
        results.add(out[i], value[size_t(i)] + added, 2 * double(k + hasBias) * rounding<T> * all);
      }
    }
  }

  void addAllLies(Case &results) const {
    for (const Lie &xLie : lies(m, k, false)) {
      for (const Lie &yLie : lies(k, n, false)) add(results, xLie, yLie);
    }
  }
};

template <typename T>
void products() {
  Claim claim = std::is_floating_point_v<T> ? Claim::fused : Claim::everywhere;
  for (const auto &size : sizes) {
    std::string name = " " + std::to_string(size[1]) + "x" + std::to_string(size[3]) + "x" + std::to_string(size[2]);
    Product<T> product(size);
    {
      Case results(claim, "product" + name + " " + nameOf<T>());
      product.addAllLies(results);
    }
    if (!std::is_floating_point_v<T>) continue;
    KindlingSetProducts(KernelProducts_openBLAS);
    {
      Case results(Claim::own, "product for OpenBLAS" + name + " " + nameOf<T>());
      product.addAllLies(results);
    }
    KindlingSetProducts(KernelProducts_own);
  }
  for (const auto &size : vectorSizes) {
    Case results(Claim::own, "product with a vector, " + std::to_string(size[1]) + "x" + std::to_string(size[3]) + "x" +
                                 std::to_string(size[2]) + " " + nameOf<T>());
    Product<T>(size).addAllLies(results);
  }
}

// MARK: Convolution

/// Groups, channels, filters, strides, dilations and paddings; rows of 1 to 37, borders wider than the picture.
constexpr KernelConvolution convolutions[] = {
    {2, 1, 1, 16, {9, 11}, {9, 11}, {3, 3}, {1, 1}, {1, 1}, {1, 1}},
    {2, 2, 6, 10, {13, 8}, {6, 4}, {3, 2}, {2, 2}, {1, 1}, {0, 0}},
    {1, 1, 17, 5, {7, 19}, {7, 19}, {1, 1}, {1, 1}, {1, 1}, {0, 0}},
    {3, 1, 4, 33, {10, 12}, {8, 10}, {3, 3}, {1, 1}, {2, 2}, {1, 1}},
    {1, 3, 3, 3, {16, 21}, {6, 7}, {5, 5}, {3, 3}, {1, 1}, {2, 1}},
    {8, 1, 4, 3, {6, 6}, {6, 6}, {3, 3}, {1, 1}, {1, 1}, {1, 1}},
    {2, 1, 3, 4, {20, 37}, {20, 37}, {5, 5}, {1, 1}, {1, 1}, {2, 2}},
    {2, 1, 3, 9, {9, 35}, {5, 18}, {3, 3}, {2, 2}, {1, 1}, {1, 1}},
    {1, 1, 2, 3, {5, 5}, {9, 9}, {1, 1}, {1, 1}, {1, 1}, {2, 2}},
    {1, 1, 2, 3, {8, 9}, {8, 8}, {3, 3}, {1, 1}, {3, 3}, {3, 2}},
    {1, 1, 1, 1, {1, 1}, {1, 1}, {7, 7}, {1, 1}, {1, 1}, {3, 3}},
    {1, 1, 2, 2, {4, 2}, {2, 2}, {2, 2}, {3, 5}, {1, 1}, {1, 3}},
    {1, 2, 4, 6, {15, 22}, {3, 5}, {3, 4}, {4, 6}, {2, 4}, {0, 5}},
    {2, 1, 2, 3, {11, 17}, {2, 2}, {2, 3}, {9, 12}, {6, 9}, {3, 7}},
};

/// Every product of an element of x, one of w and one of y: body(x's place, w's place, y's place).
template <typename Body>
void forEachProduct(const KernelConvolution &c, Body body) {
  int64_t in = c.inChannels / c.groups, out = c.outChannels / c.groups;
  for (int64_t b = 0; b < c.batch; b++) {
    for (int64_t o = 0; o < c.outChannels; o++) {
      for (int64_t i = 0; i < in; i++) {
        for (int64_t tap = 0; tap < c.kernel[0] * c.kernel[1]; tap++) {
          for (int64_t place = 0; place < c.out[0] * c.out[1]; place++) {
            int64_t row = place / c.out[1] * c.stride[0] - c.padding[0] + tap / c.kernel[1] * c.dilation[0];
            int64_t column = place % c.out[1] * c.stride[1] - c.padding[1] + tap % c.kernel[1] * c.dilation[1];
            if (row < 0 || row >= c.in[0] || column < 0 || column >= c.in[1]) continue;
            int64_t channel = o / out * in + i;
            body(((b * c.inChannels + channel) * c.in[0] + row) * c.in[1] + column,
                 (o * in + i) * c.kernel[0] * c.kernel[1] + tap, (b * c.outChannels + o) * c.out[0] * c.out[1] + place);
          }
        }
      }
    }
  }
}

template <typename T>
void convolution(ConvolutionPart part, const char *name) {
  Case results(Claim::fused, std::string("convolution, ") + name + " " + nameOf<T>());
  for (const KernelConvolution &c : convolutions) {
    Store<T> x(numbers<T>(c.batch * c.inChannels * c.in[0] * c.in[1], 33));
    Store<T> w(numbers<T>(c.outChannels * c.inChannels / c.groups * c.kernel[0] * c.kernel[1], 34));
    Store<T> y(numbers<T>(c.batch * c.outChannels * c.out[0] * c.out[1], 35));
    Store<T> bias(numbers<T>(c.outChannels, 36));
    Store<T> &target = part == ConvolutionPart_output ? y : part == ConvolutionPart_input ? x : w;
    std::vector<double> want(target.values.size()), size(target.values.size());
    std::vector<int64_t> terms(target.values.size());
    forEachProduct(c, [&](int64_t xPlace, int64_t wPlace, int64_t yPlace) {
      double term = part == ConvolutionPart_output  ? double(x[xPlace]) * double(w[wPlace])
                    : part == ConvolutionPart_input ? double(y[yPlace]) * double(w[wPlace])
                                                    : double(x[xPlace]) * double(y[yPlace]);
      int64_t place = part == ConvolutionPart_output ? yPlace : part == ConvolutionPart_input ? xPlace : wPlace;
      want[size_t(place)] += term;
      size[size_t(place)] += std::fabs(term);
      terms[size_t(place)]++;
    });
    Store<T> out(int64_t(target.values.size()));
    bool isOutput = part == ConvolutionPart_output;
    void *first = part == ConvolutionPart_input ? y.data() : x.data();
    void *second = part == ConvolutionPart_weight ? y.data() : w.data();
    KindlingConvolve(part, typeOf<T>, &c, first, second, isOutput ? bias.data() : nullptr, out.data());
    for (size_t i = 0; i < want.size(); i++) {
      double added = isOutput ? double(bias[int64_t(i) / (c.out[0] * c.out[1]) % c.outChannels]) : 0;
      double steps = 2 * double(terms[i]) + 2;
      results.add(out[int64_t(i)], want[i] + added, steps * rounding<T> * (size[i] + std::fabs(added)));
    }
  }
}

}  // namespace

void checkProducts() {
#define ROW(name, T, ...) products<T>();
  KINDLING_NUMBER_TYPES(ROW)
#undef ROW
#define ROW(name, T, ...)                           \
  convolution<T>(ConvolutionPart_output, "output"); \
  convolution<T>(ConvolutionPart_input, "input");   \
  convolution<T>(ConvolutionPart_weight, "weight");
  KINDLING_FLOAT_TYPES(ROW)
#undef ROW
}
