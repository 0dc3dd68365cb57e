// Pools, normalizations with their gradients, and the optimizers' steps.
#include "../../Sources/Kernels/Elementwise/cpu-math.h"
#include "check.h"

using namespace kindling;

namespace {

#include "../../Sources/Kernels/Optimizer/steps.h"
#include "../../Sources/Kernels/Pooling/windows.h"

// MARK: Pools

constexpr KernelPool pools[] = {
    {5, {9, 12}, {4, 6}, {2, 2}, {2, 2}, {0, 0}, {1, 1}, 0, 1, 0},
    {3, {10, 7}, {5, 4}, {3, 3}, {2, 2}, {1, 1}, {1, 1}, 0, 0, 0},
    {2, {11, 13}, {4, 3}, {0, 0}, {0, 0}, {0, 0}, {0, 0}, 0, 0, 1},
};

template <typename T>
void pool() {
  Case results(Claim::everywhere, "pools " + nameOf<T>());
  for (const KernelPool &p : pools) {
    int64_t in = p.in[0] * p.in[1], out = p.out[0] * p.out[1];
    Store<T> x(numbers<T>(p.planes * in, 41)), dy(numbers<T>(p.planes * out, 42)), y(p.planes * out), dx(p.planes * in);
    Store<int64_t> places(p.planes * out);
    std::vector<double> largest, mean, ofLargest(size_t(p.planes * in)), ofMean(size_t(p.planes * in));
    std::vector<int64_t> where;
    for (int64_t i = 0; i < p.planes * out; i++) {
      Window rows = windowOf(p, 0, i % out / p.out[1]), columns = windowOf(p, 1, i % out % p.out[1]);
      double sum = 0, most = -INFINITY, share = double(divisorOf(p, rows, columns));
      int64_t place = 0, plane = i / out * in;
      for (int64_t r = rows.begin; r < rows.end; r += rows.step) {
        for (int64_t c = columns.begin; c < columns.end; c += columns.step) {
          double value = double(x[plane + r * p.in[1] + c]);
          sum += value;
          if (value > most) most = value, place = r * p.in[1] + c;
          ofMean[size_t(plane + r * p.in[1] + c)] += double(dy[i]) / share;
        }
      }
      largest.push_back(most), mean.push_back(sum / share), where.push_back(place);
      ofLargest[size_t(plane + place)] += double(dy[i]);
    }
    // Nine numbers of up to 4 are added at most.
    double off = 9 * 4 * 9 * rounding<T>;
    auto run = [&](PoolOperation operation, Store<T> &from, Store<T> &to, const std::vector<double> &want) {
      KindlingPool(operation, typeOf<T>, &p, from.data(), places.values.data(), to.data());
      for (size_t i = 0; i < want.size(); i++) results.add(to[int64_t(i)], want[i], off);
    };
    run(PoolOperation_maximum, x, y, largest);
    for (size_t i = 0; i < where.size(); i++) results.add(places[int64_t(i)], where[i]);
    run(PoolOperation_maximumGradient, dy, dx, ofLargest);
    run(PoolOperation_average, x, y, mean);
    run(PoolOperation_averageGradient, dy, dx, ofMean);
  }
}

// MARK: Normalizations

/// Sizes of vectors and pictures, by rows and by channels, with their own mean and variance and with given ones.
constexpr KernelNormalization normalizations[] = {
    {37, 50, 1, true, false, false, 1e-5}, {9, 515, 1, true, true, false, 1e-6},
    {70, 16, 1, true, false, false, 1e-5}, {16, 130, 1, false, false, false, 1e-5},
    {4, 5, 63, false, false, false, 1e-5}, {3, 4, 300, false, false, true, 1e-5},
};

/// y and the gradients of a normalization, element by element.
struct PlainNormalization {
  const KernelNormalization &n;
  std::vector<double> y, dx, dWeight, dBias;

  template <typename T>
  PlainNormalization(const KernelNormalization &n, const Store<T> &x, const Store<T> &weight, const Store<T> &bias,
                     const Store<T> &dy, const Store<T> &mean, const Store<T> &variance)
      : n(n), y(x.values.size()), dx(y.size()), dWeight(size_t(n.channels)), dBias(dWeight.size()) {
    int64_t groups = n.byRows ? n.batch : n.channels;
    for (int64_t group = 0; group < groups; group++) {
      double count = 0, sum = 0, squares = 0, g = 0, gz = 0;
      auto forEach = [&](auto body) {
        for (int64_t i = 0; i < int64_t(y.size()); i++) {
          int64_t channel = i / n.places % n.channels;
          if ((n.byRows ? i / n.channels : channel) == group) body(size_t(i), channel);
        }
      };
      forEach([&](size_t i, int64_t) { count++, sum += double(x[int64_t(i)]); });
      double m = n.keepsMean ? 0 : n.isGiven ? double(mean[group]) : sum / count;
      forEach([&](size_t i, int64_t) { squares += (double(x[int64_t(i)]) - m) * (double(x[int64_t(i)]) - m); });
      double scale = 1 / std::sqrt((n.isGiven ? double(variance[group]) : squares / count) + n.eps);
      auto z = [&](size_t i) { return (double(x[int64_t(i)]) - m) * scale; };
      forEach([&](size_t i, int64_t c) {
        double gradient = double(dy[int64_t(i)]) * double(weight[c]);
        y[i] = z(i) * double(weight[c]) + double(bias[c]);
        dWeight[size_t(c)] += double(dy[int64_t(i)]) * z(i);
        dBias[size_t(c)] += double(dy[int64_t(i)]);
        g += gradient, gz += gradient * z(i);
      });
      forEach([&](size_t i, int64_t c) {
        double gradient = double(dy[int64_t(i)]) * double(weight[c]);
        double moves = n.isGiven ? 0 : (n.keepsMean ? 0 : g / count) + z(i) * gz / count;
        dx[i] = scale * (gradient - moves);
      });
    }
  }
};

template <typename T>
void normalization() {
  for (const KernelNormalization &n : normalizations) {
    std::string kind = n.byRows ? "rows" : "channels";
    Case results(Claim::fused, "normalization of " + kind + " " + std::to_string(n.batch) + "x" +
                                   std::to_string(n.channels) + "x" + std::to_string(n.places) + " " + nameOf<T>());
    int64_t count = n.batch * n.channels * n.places, groups = n.byRows ? n.batch : n.channels;
    Store<T> x(numbers<T>(count, 43)), dy(numbers<T>(count, 44)), y(count), dx(count);
    Store<T> weight(numbers<T>(n.channels, 45)), bias(numbers<T>(n.channels, 46)), dWeight(n.channels),
        dBias(n.channels);
    Store<T> mean(numbers<T>(groups, 47)), variance(numbers<T>(groups, 48)), scale(groups);
    for (T &value : variance.values) value = T(std::fabs(double(value)) + 1);
    PlainNormalization want(n, x, weight, bias, dy, mean, variance);
    KernelNormalizationArrays arrays = {x.data(),        weight.data(),  bias.data(), mean.data(),
                                        variance.data(), scale.data(),   y.data(),    dy.data(),
                                        dx.data(),       dWeight.data(), dBias.data()};
    KindlingNormalize(typeOf<T>, &n, &arrays);
    KindlingNormalizeGradient(typeOf<T>, &n, &arrays);
    // Numbers of up to 4, times weights of up to 4: a few roundings of 16, and where they are added up, of each. The
    // plain sums round as well, in float64.
    auto add = [&](const Store<T> &got, const std::vector<double> &values, double terms) {
      double off = 16 * (terms * rounding<T> + 2 * double(count / groups) * 0x1p-53);
      for (size_t i = 0; i < values.size(); i++) results.add(got[int64_t(i)], values[i], off);
    };
    add(y, want.y, 8);
    add(dx, want.dx, 16);
    add(dWeight, want.dWeight, 4 * double(count / n.channels));
    add(dBias, want.dBias, 4 * double(count / n.channels));
  }
}

// MARK: Optimizers

/// Steps of one optimizer, with and without what it may remember, beside its arithmetic of steps.h in float64.
template <typename T, template <typename> typename Step, typename Options>
void optimizer(OptimizerStep which, const char *name, const Options &options, std::vector<bool> seconds,
               std::vector<bool> thirds, bool mayForget) {
  Case results(which == OptimizerStep_adam ? Claim::own : Claim::fused,
               std::string("optimizer ") + name + " " + nameOf<T>());
  constexpr int64_t count = 1003;
  for (size_t kind = 0; kind < seconds.size() + size_t(mayForget); kind++) {
    bool hasFirst = kind < seconds.size(), hasSecond = hasFirst && seconds[kind], hasThird = hasFirst && thirds[kind];
    Store<T> parameter(numbers<T>(count, 51)), gradient(numbers<T>(count, 52)),
        memory[3] = {Store<T>(numbers<T>(count, 53)), Store<T>(numbers<T>(count, 54)), Store<T>(numbers<T>(count, 55))};
    // Averages of squares are positive.
    for (auto &store : memory) {
      for (T &value : store.values) value = T(std::fabs(double(value)) + 20);
    }
    std::vector<double> want[4];
    auto step = Step<double>::of(options);
    for (int64_t i = 0; i < count; i++) {
      Memory<double> remembered = {
          double(memory[0][i]), double(memory[1][i]), double(memory[2][i]), hasFirst, hasSecond, hasThird};
      want[0].push_back(step(double(parameter[i]), double(gradient[i]), remembered));
      want[1].push_back(remembered.first), want[2].push_back(remembered.second), want[3].push_back(remembered.third);
    }
    KindlingOptimizerStep(which, &options, typeOf<T>, count, parameter.data(), gradient.data(),
                          {hasFirst ? memory[0].data() : nullptr, hasSecond ? memory[1].data() : nullptr,
                           hasThird ? memory[2].data() : nullptr});
    const Store<T> *got[] = {&parameter, &memory[0], &memory[1], &memory[2]};
    for (int array = 0; array < 4; array++) {
      // Numbers of up to 50, whose options are rounded to the type as well.
      for (int64_t i = 0; i < count; i++) results.add((*got[array])[i], want[array][size_t(i)], 16 * 50 * rounding<T>);
    }
  }
}

template <typename T>
void optimizers() {
  KernelSGD sgd = {0.1, 0.9, 0.1, 0.01, false, false, false}, nesterov = {0.1, 0.9, 0, 0.01, true, false, true};
  optimizer<T, SGDStep>(OptimizerStep_sgd, "sgd", sgd, {false}, {false}, true);
  optimizer<T, SGDStep>(OptimizerStep_sgd, "sgd, nesterov", nesterov, {false}, {false}, true);
  KernelAdagrad adagrad = {0.1, 0.01, 1e-10, false};
  optimizer<T, AdagradStep>(OptimizerStep_adagrad, "adagrad", adagrad, {false}, {false}, false);
  KernelRMSprop rmsprop = {0.01, 0.99, 1e-8, 0.01, 0.9, false};
  optimizer<T, RMSpropStep>(OptimizerStep_rmsprop, "rmsprop", rmsprop, {false, false}, {false, true}, false);
  KernelAdam adam = {0.01, 0.9, 0.999, 1e-8, 0.01, false, false, 3};
  optimizer<T, AdamStep>(OptimizerStep_adam, "adam", adam, {true, true}, {false, true}, false);
}

}  // namespace

void checkLayers() {
#define ROW(name, T, ...) \
  pool<T>();              \
  normalization<T>();     \
  optimizers<T>();
  KINDLING_FLOAT_TYPES(ROW)
#undef ROW
}
