# What the commonest errors of the Swift compiler mean to somebody who knows Python: rows for in-other-words.awk.
BEGIN {
  hint("(cannot find '[^']*' in scope|inaccessible due to 'private' protection level)",  # private: of a solution
       "No NAME has been made yet: the first line that gives it a value begins with let (or var, if it changes later), " \
       "as in “let NAME = …”. If there is one, compare the spelling.")
  hint("value of optional type", "What has a ? in its type may be nil, Python's None. Where you know that it is not, write ! " \
       "after it, as in w.grad!; otherwise ask first with if let.")
  hint("missing argument label", "Swift wants the argument's name in the call: NAME before the value, as in clamp(min: 0).")
  hint("(incorrect|extraneous) argument label", "The name of an argument in this call is not the function's; the message has both.")
  hint("'let' constant", "NAME was made with let, and what is made with let keeps its value. Make it with var.")
  hint("explicit '&'", "This function changes its argument. Write & before it: &gradH. It must have been made with var.")
  hint("(cannot convert value of type|cannot be applied to operands of type) '(Int|Float|Double)'",
       "Swift never mixes kinds of numbers by itself. Convert one: Double(n), Float(x), Int(i).")
  hint("can throw", "This call can fail. Write try before it, in a function that throws.")
  hint("missing return", "Not every way through this function returns a value. Write return before the last one.")
}
