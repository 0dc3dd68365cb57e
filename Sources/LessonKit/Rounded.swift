import Kindling

// Numbers as the programs after the lessons print them: with so few digits that they are the same on every processor.

/// A number with some digits after the point, or from a million on with an exponent.
package func rounded(_ number: Double, _ digits: Int = 2) -> String {
  if number.isNaN { return "nan" }  // C writes a sign before some
  if abs(number) >= 1e6 && number.isFinite { return printed("%.*e", number, digits) }
  let text = printed("%.*f", number, digits)
  return Double(text) == 0 && text.first == "-" ? String(text.dropFirst()) : text  // and not -0.00
}

/// The elements of a tensor in a row.
package func rounded(_ tensor: Tensor, _ digits: Int = 2) -> String {
  tensor.toArray().map { rounded($0, digits) }.joined(separator: " ")
}
