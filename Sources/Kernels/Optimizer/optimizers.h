// Every optimizer whose step is a kernel: one row each, and its options. From the rows come the enum that Swift sees,
// the CPU's loops and the CUDA kernels; what a step does to an element is in steps.h, under the same name.
#ifndef KINDLING_OPTIMIZERS_H
#define KINDLING_OPTIMIZERS_H

#include "../Runtime/element-types.h"

#define KINDLING_OPTIMIZERS(ROW, ...) \
  ROW(sgd, SGD, __VA_ARGS__)          \
  ROW(adagrad, Adagrad, __VA_ARGS__)  \
  ROW(rmsprop, RMSprop, __VA_ARGS__)  \
  ROW(adam, Adam, __VA_ARGS__)

typedef struct KernelSGD {
  double learningRate, momentum, dampening, weightDecay;
  bool nesterov, firstStep, maximize;  // firstStep: the momentum buffer starts as the gradient
} KernelSGD;

typedef struct KernelAdagrad {
  double learningRate;  // already divided by 1 + (step - 1) · decay
  double weightDecay, epsilon;
  bool maximize;
} KernelAdagrad;

typedef struct KernelRMSprop {
  double learningRate, alpha, epsilon, weightDecay, momentum;
  bool maximize;
} KernelRMSprop;

typedef struct KernelAdam {
  double learningRate, beta1, beta2, epsilon, weightDecay;
  bool decoupled;  // AdamW: the parameter shrinks by learningRate · weightDecay; else weightDecay · parameter joins the
                   // gradient
  bool maximize;
  int64_t step;  // 1 for the first
} KernelAdam;

/// How many parameters' steps of one kind a CUDA device makes in one launch.
#define KINDLING_STEPS_TOGETHER 16

#define ROW(name, ...) OptimizerStep_##name,
typedef enum KINDLING_ENUM OptimizerStep : int32_t { KINDLING_OPTIMIZERS(ROW) } OptimizerStep;
#undef ROW

#endif
