// Reads the PTX files that it is given, and prints the kernels that they have and the instructions that these are made
// of.
#include <cstdio>
#include <exception>
#include <fstream>
#include <sstream>

#include "program.h"

int main(int count, char **files) {
  std::map<std::string, int> names;
  for (int n = 1; n < count; ++n) {
    std::stringstream text;
    text << std::ifstream(files[n]).rdbuf();
    ptx::Module module;
    try {
      ptx::read(text.str().c_str(), module);
    } catch (const std::exception &error) {
      fprintf(stderr, "%s: %s\n", files[n], error.what());
      return 1;
    }
    for (auto *functions : {&module.kernels, &module.functions}) {
      for (auto &[name, function] : *functions) {
        for (const ptx::Instruction &instruction : function.instructions) ++names[instruction.name];
      }
    }
    for (auto &[name, kernel] : module.kernels) printf("kernel %s\n", name.c_str());
  }
  for (auto &[name, times] : names) printf("instruction %s %d\n", name.c_str(), times);
}
