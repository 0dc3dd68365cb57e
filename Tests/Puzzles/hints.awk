# What the commonest errors of clang mean in a puzzle: rows for Tests/Exercises/in-other-words.awk.
BEGIN {
  hint("SHARED stands inside of a kernel", "SHARED stands inside of a kernel, after the { of its ENTRY: outside there is no " \
       "block whose array it could be.")
  hint("use of undeclared identifier", "No NAME has been made yet: the first line that gives it a value begins with its type, " \
       "as in “int NAME = …”. If there is one, compare the spelling.")
  hint("'(const )?Cell<[a-z0-9_]+>' does not provide a subscript operator", "One index is enough: in memory a matrix lies row " \
       "by row, and element (r, c) is x[r * columns + c].")
  hint("call to deleted constructor of '(const )?Cell<", "An element stands for its place in memory. Put the number that is " \
       "there into a variable of its type, which auto is not: float a = x[i];")
  hint("(no viable conversion|cannot initialize a variable).*Cell<float>.* to '(int|unsigned int|bool)'", "It is a float. " \
       "Write float for the variable, or int(x[i]) to cut off what is behind the point.")
  hint("Place' must be initialized by a constant expression|variable length array|variably modified", "The size of a shared " \
       "array is fixed when the kernel is compiled: write a constant that is large enough, not a variable.")
  hint("no matching function for call to 'atomicAdd'", "atomicAdd takes the address of an element of the type float or " \
       "uint32_t, in global memory or in an array that SHARED has made: SHARED(uint32_t, counts, [64]); " \
       "atomicAdd(&counts[i], 1).")
}
