#include "fiber.h"

#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>

// The switch saves what a called function must preserve on the old stack, takes the other stack, and restores from
// there. That is all a context is, as long as both belong to one CPU thread: about 2 ns, where swapcontext asks the
// kernel for its signal mask and takes 200.
extern "C" void kindling_switch_stack(void **save, void *load);

#if defined(__APPLE__)
#define SYMBOL "_kindling_switch_stack"
#else
#define SYMBOL "kindling_switch_stack"
#endif

#if defined(__x86_64__)
asm(".text\n.globl " SYMBOL "\n" SYMBOL
    ":\n"
    "  pushq %rbp\n  pushq %rbx\n  pushq %r12\n  pushq %r13\n  pushq %r14\n  pushq %r15\n"
    "  movq %rsp, (%rdi)\n"
    "  movq %rsi, %rsp\n"
    "  popq %r15\n  popq %r14\n  popq %r13\n  popq %r12\n  popq %rbx\n  popq %rbp\n"
    "  ret\n");
constexpr int savedWords = 6;  // below the return address
constexpr int returnWord = 6;
#elif defined(__aarch64__)
asm(".text\n.globl " SYMBOL "\n" SYMBOL
    ":\n"
    "  sub sp, sp, #160\n"
    "  stp x19, x20, [sp, #0]\n  stp x21, x22, [sp, #16]\n  stp x23, x24, [sp, #32]\n"
    "  stp x25, x26, [sp, #48]\n  stp x27, x28, [sp, #64]\n  stp x29, x30, [sp, #80]\n"
    "  stp d8, d9, [sp, #96]\n  stp d10, d11, [sp, #112]\n  stp d12, d13, [sp, #128]\n  stp d14, d15, [sp, #144]\n"
    "  mov x2, sp\n  str x2, [x0]\n"
    "  mov sp, x1\n"
    "  ldp x19, x20, [sp, #0]\n  ldp x21, x22, [sp, #16]\n  ldp x23, x24, [sp, #32]\n"
    "  ldp x25, x26, [sp, #48]\n  ldp x27, x28, [sp, #64]\n  ldp x29, x30, [sp, #80]\n"
    "  ldp d8, d9, [sp, #96]\n  ldp d10, d11, [sp, #112]\n  ldp d12, d13, [sp, #128]\n  ldp d14, d15, [sp, #144]\n"
    "  add sp, sp, #160\n"
    "  ret\n");
constexpr int savedWords = 20;
constexpr int returnWord = 11;  // x30
#else
#error "the emulator's context switch is written for x86-64 and aarch64"
#endif

namespace emulator {

namespace {

#ifdef KINDLING_ASAN
constexpr size_t stackBytes = 512 * 1024;  // AddressSanitizer puts space around every variable
thread_local Fiber *switchedFrom;
#else
constexpr size_t stackBytes = 64 * 1024;
#endif
constexpr size_t pageBytes = 16 * 1024;  // the largest page of the two architectures' usual systems

}  // namespace

Fiber *Fiber::make(void (*main)()) {
  // The lowest page may not be touched: a kernel that needs more stack stops there instead of spoiling its neighbour's.
  void *memory = mmap(nullptr, stackBytes + pageBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) abort();
  mprotect(memory, pageBytes, PROT_NONE);
  Fiber *fiber = new Fiber;
  fiber->stack = static_cast<char *>(memory) + pageBytes;
  fiber->bytes = stackBytes;
#ifdef KINDLING_TSAN
  fiber->known = __tsan_create_fiber(0);
#endif
  fiber->reset(main);
  return fiber;
}

void Fiber::reset(void (*main)()) {
#ifdef KINDLING_ASAN
  __asan_unpoison_memory_region(stack, bytes);
#endif
  void **top = reinterpret_cast<void **>(stack + bytes) - 2;
#if defined(__x86_64__)
  // A function expects to start 8 bytes below a multiple of 16, as after a call.
  void **saved = top - 2 - savedWords;
#else
  void **saved = top - savedWords;
#endif
  for (int i = 0; i < savedWords; ++i) saved[i] = nullptr;
  saved[returnWord] = reinterpret_cast<void *>(main);
  stackPointer = saved;
}

void Fiber::switchTo(Fiber &other) {
#ifdef KINDLING_ASAN
  void *fakeStack = nullptr;
  switchedFrom = this;
  __sanitizer_start_switch_fiber(&fakeStack, other.stack, other.bytes);
#endif
#ifdef KINDLING_TSAN
  if (!known) known = __tsan_get_current_fiber();  // a CPU thread's own
  __tsan_switch_to_fiber(other.known, 0);
#endif
  kindling_switch_stack(&stackPointer, other.stackPointer);
#ifdef KINDLING_ASAN
  const void *fromStack;
  size_t fromBytes;
  __sanitizer_finish_switch_fiber(fakeStack, &fromStack, &fromBytes);
  if (!switchedFrom->stack) {  // a CPU thread's own stack is known only once it has been left
    switchedFrom->stack = const_cast<char *>(static_cast<const char *>(fromStack));
    switchedFrom->bytes = fromBytes;
  }
#endif
}

void fiberHasStarted() {
#ifdef KINDLING_ASAN
  const void *fromStack;
  size_t fromBytes;
  __sanitizer_finish_switch_fiber(nullptr, &fromStack, &fromBytes);
  if (!switchedFrom->stack) {
    switchedFrom->stack = const_cast<char *>(static_cast<const char *>(fromStack));
    switchedFrom->bytes = fromBytes;
  }
#endif
}

}  // namespace emulator
