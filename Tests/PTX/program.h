// PTX as it is run: a kernel's text, taken apart once into instructions with a function each.
#ifndef KINDLING_PTX_PROGRAM_H
#define KINDLING_PTX_PROGRAM_H

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "block.h"

namespace ptx {

struct Instruction;

/// A thread's registers, a word each; what an instruction reads besides (constants, addresses of variables, threadIdx)
/// stands in such words too.
using Registers = uint64_t *;
using Action = void (*)(Registers registers, const Instruction &instruction);

enum class Kind : uint8_t { plain, branch, call, finish };

struct Function;

struct Instruction {
  Action action = nullptr;
  Kind kind = Kind::plain;
  bool isNegated = false;  // the predicate
  int32_t predicate = -1;  // the register that says whether it is carried out
  int32_t target = -1;     // of a branch
  int32_t line = 0;        // in the text that the driver was given
  int32_t address = -1;    // of a load or a store
  int64_t offset = 0;
  int32_t operands[8] = {};  // registers, results first
  int32_t operandCount = 0;
  const Function *callee = nullptr;
  std::string name;  // as it is written
};

/// Words that every function has, in this order.
enum Special : int32_t {
  tidX,
  tidY,
  tidZ,
  ntidX,
  ntidY,
  ntidZ,
  ctaidX,
  ctaidY,
  ctaidZ,
  nctaidX,
  nctaidY,
  nctaidZ,
  carry,         // of the last instruction that ends in .cc
  globalRanges,  // beginnings and ends of memory that the thread has touched, and the next to be forgotten
  sharedRanges = globalRanges + 9,
  specials = sharedRanges + 9
};

struct Variable {
  int32_t reg;  // holds its address
  size_t offset;
};

/// A kernel, or a function that one calls.
struct Function {
  std::string name;
  std::vector<Instruction> instructions;
  std::vector<uint64_t> initial;    // the words as a thread begins: constants, addresses that are always the same
  std::vector<int32_t> parameters;  // the words with the addresses of results and parameters, in the order of the text
  std::vector<size_t> sizes;        // of the parameters
  std::vector<Variable> locals;     // in memory of the thread's own
  size_t localBytes = 0;
  std::vector<std::pair<int32_t, const emulator::SharedVariable *>> shared;
  uint32_t maximumThreads = 1024;
};

struct Module {
  std::map<std::string, Function> kernels, functions;
  std::map<std::string, std::vector<char>> globals;
  std::map<std::string, emulator::SharedVariable> shared;
};

/// Throws a sentence about what it does not know.
void read(const char *text, Module &module);

/// The function of an instruction of arithmetic; NULL where there is none.
Action arithmetic(const std::string &name);

/// Runs a function to its end.
void run(const Function &function, const uint64_t *parameters);

/// The memory that the thread may touch there; ends the launch if there is none.
struct Range {
  uintptr_t begin, end;
};
Range globalAt(const Instruction &instruction, uint64_t address, size_t bytes);
Range sharedAt(const Instruction &instruction, uint64_t address, size_t bytes);

template <typename T>
T get(uint64_t word) {
  if constexpr (std::is_same_v<T, bool>) {
    return word != 0;
  } else {
    T value;
    memcpy(&value, &word, sizeof value);
    return value;
  }
}
/// The rest of the word is the sign's or 0, so that who reads it as a wider number reads the same number.
template <typename T>
void set(uint64_t &word, T value) {
  if constexpr (std::is_signed_v<T> && std::is_integral_v<T>) {
    word = uint64_t(int64_t(value));
  } else {
    word = 0;
    memcpy(&word, &value, sizeof value);
  }
}

}  // namespace ptx

#endif
