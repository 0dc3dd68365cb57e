// Launching the optimizers' steps.
#include <math.h>
#include <stdio.h>

#include "launch.h"

#define STEP(name)                                                   \
  ENTER(device);                                                     \
  if (count == 0) return KindlingCUDAStatus_success;                 \
  Entry entry;                                                       \
  snprintf(entry, sizeof entry, name "_%s", KindlingTypeName(type)); \
  Scalar sign = KindlingCUDAReal(type, o.maximize ? -1 : 1)
#define T(name) TYPED(type, name)

KindlingCUDAStatus KindlingCUDASGDStep(KindlingCUDADevice *device, KernelType type, int64_t count, void *parameter,
                                       const void *gradient, void *momentum, KernelSGD o) {
  STEP("sgd");
  Scalar rate = KindlingCUDAReal(type, -o.learningRate), decay = KindlingCUDAReal(type, o.weightDecay);
  Scalar keep = KindlingCUDAReal(type, o.momentum), take = KindlingCUDAReal(type, 1 - o.dampening);
  int32_t nesterov = o.nesterov, firstStep = o.firstStep;
  CUdeviceptr replayed = KindlingCUDAReplays(device);
  return LAUNCH(device, entry, KindlingCUDAGridFor(device, count, 256), A(count), A(parameter), A(gradient),
                A(momentum), T(rate), T(decay), T(sign), T(keep), T(take), A(nesterov), A(firstStep), A(replayed));
}

KindlingCUDAStatus KindlingCUDAAdagradStep(KindlingCUDADevice *device, KernelType type, int64_t count, void *parameter,
                                           const void *gradient, void *sum, KernelAdagrad o) {
  STEP("adagrad");
  Scalar rate = KindlingCUDAReal(type, -o.learningRate), decay = KindlingCUDAReal(type, o.weightDecay);
  Scalar epsilon = KindlingCUDAReal(type, o.epsilon);
  return LAUNCH(device, entry, KindlingCUDAGridFor(device, count, 256), A(count), A(parameter), A(gradient), A(sum),
                T(rate), T(decay), T(sign), T(epsilon));
}

KindlingCUDAStatus KindlingCUDARMSpropStep(KindlingCUDADevice *device, KernelType type, int64_t count, void *parameter,
                                           const void *gradient, void *squareAverage, void *gradientAverage,
                                           void *momentum, KernelRMSprop o) {
  STEP("rmsprop");
  Scalar rate = KindlingCUDAReal(type, -o.learningRate), decay = KindlingCUDAReal(type, o.weightDecay);
  Scalar epsilon = KindlingCUDAReal(type, o.epsilon), alpha = KindlingCUDAReal(type, o.alpha);
  Scalar rest = KindlingCUDAReal(type, 1 - o.alpha), keep = KindlingCUDAReal(type, o.momentum);
  return LAUNCH(device, entry, KindlingCUDAGridFor(device, count, 256), A(count), A(parameter), A(gradient),
                A(squareAverage), A(gradientAverage), A(momentum), T(rate), T(decay), T(sign), T(epsilon), T(alpha),
                T(rest), T(keep));
}

KindlingCUDAStatus KindlingCUDAAdamStep(KindlingCUDADevice *device, KernelType type, int64_t count, void *parameter,
                                        const void *gradient, void *average, void *squareAverage,
                                        void *maximumSquareAverage, KernelAdam o) {
  STEP("adam");
  Scalar shrink = KindlingCUDAReal(type, o.decoupled ? 1 - o.learningRate * o.weightDecay : 1);
  Scalar decay = KindlingCUDAReal(type, o.decoupled ? 0 : o.weightDecay);
  Scalar epsilon = KindlingCUDAReal(type, o.epsilon);
  Scalar rate = KindlingCUDAReal(type, -(o.learningRate / (1 - pow(o.beta1, (double)o.step))));
  Scalar rootCorrection = KindlingCUDAReal(type, sqrt(1 - pow(o.beta2, (double)o.step)));
  // With a count of replays the device corrects by itself.
  CUdeviceptr replayed = device->capturing ? device->capturing->replays : 0;
  return LAUNCH(device, entry, KindlingCUDAGridFor(device, count, 256), A(count), A(parameter), A(gradient), A(average),
                A(squareAverage), A(maximumSquareAverage), A(o.learningRate), A(o.beta1), A(o.beta2), T(rate),
                T(rootCorrection), T(shrink), T(decay), T(sign), T(epsilon), A(o.step), A(replayed));
}
