import Foundation
import Testing

/// The line that a program ended with, without the place in Kindling's source that Swift puts before it.
package func fatalMessage(_ result: ExitTest.Result?) -> String {
  let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
  guard let end = text.range(of: "Fatal error: ") else { return "no message, but: \(text)" }
  return String(text[end.upperBound...].prefix { $0 != "\n" })
}

/// Something that ends the program with a message.
package struct Mistake: Sendable, CustomTestStringConvertible {
  package let message: String
  package let make: @Sendable () -> Void

  package init(_ message: String, _ make: @escaping @Sendable () -> Void) {
    self.message = message
    self.make = make
  }

  package var testDescription: String { message }
}
