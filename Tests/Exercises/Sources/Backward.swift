import ExerciseKit
import Exercises

extension Exercise {
  static let backward = Exercise(
    number: 10, title: "backward(), the whole engine", file: "Exercise10Backward.swift",
    checks: [
      Check("one product, L = a · b, at a = 3 and b = 5") {
        let (a, b) = (Value(3), Value(5))
        Exercises.backward(from: a * b)
        if a.grad == nil && b.grad == nil { throw Wrong("grad is nil for both: nothing has arrived yet.") }
        let words = a.grad == 3 && b.grad == 5 ? "The two have changed places." : a.grad == 0 ? startsWithOne : ""
        try expectGradient("a", a, 5, words)
        try expectGradient("b", b, 3, words)
      },
      Check("a leaf by itself, L = a") {
        let a = Value(3)
        Exercises.backward(from: a)
        try expectGradient("a", a, 1, "The result is a leaf here: its gradient is the 1 that the walk starts with.")
      },
      Check("a leaf that is read twice, L = a · a, at a = 3") {
        let a = Value(3)
        Exercises.backward(from: a * a)
        let words =
          a.grad == 3 ? "Only the last part is there. A value that is used twice gets two parts: += in place of =." : ""
        try expectGradient("a", a, 6, words)
      },
      Check("a fork that joins again, c = 2a, d = 5c, e = c · c, L = d + e, at a = 3") { try expectFork() },
      Check("a short way and a long way, b = 2a, c = 2b, L = a + c, at a = 3") {
        for longFirst in [false, true] {
          let a = Value(3)
          let c = Value(2) * (Value(2) * a)
          Exercises.backward(from: longFirst ? c + a : a + c)
          try expectGradient(
            "a", a, 5, "a is one step away from L, and must still wait for what comes through c and b.")
        }
      },
      Check("values in between") {
        let a = Value(3)
        let c = a * a
        let l = c + c
        Exercises.backward(from: l)
        for (name, value) in [("c", c), ("L", l)] where value.grad != nil {
          throw Wrong(
            "\(name).grad is \(short(value.grad!)), and should be nil: only leaves keep a gradient. Others live in a "
              + "dictionary, for one walk.")
        }
      },
      Check("a second backward() through the same graph, L = c + c, c = a · a, at a = 3") {
        let a = Value(3)
        let c = a * a
        let l = c + c
        Exercises.backward(from: l)
        try expectGradient("a", a, 12, "")
        Exercises.backward(from: l)
        let words =
          switch a.grad {
          case 12: "The second walk has overwritten the first. A leaf's grad adds up, until the learner sets it to nil."
          case let grad? where grad > 24:
            "The second walk has found gradients of the first in the values between. Each walk begins with none."
          default: ""
          }
        try expectGradient("a, after both,", a, 24, words)
      },
      Check(
        "40 forks in a row",
        ifEndless:
          "From end to end there are a million million ways. A value that has been visited must not be walked again."
      ) {
        let a = Value(1)
        var last = a
        for _ in 1...40 { last = last * Value(0.25) + last * Value(0.75) }
        Exercises.backward(from: last)
        try expectGradient("a", a, 1, "")
      },
    ])
}

private let startsWithOne = "The walk starts with the gradient of L by itself, and that is 1."

private func expectGradient(_ name: String, _ value: Value, _ expected: Double, _ words: String) throws {
  if let grad = value.grad, isClose(grad, expected) { return }
  let found = value.grad.map(short) ?? "nil"
  throw Wrong("The gradient of \(name) should be \(short(expected)), and it is \(found). \(words)")
}

/// Counts how often the rule of c is asked, and with what.
private func expectFork() throws {
  final class Calls { var arrived: [Double] = [] }
  let calls = Calls()
  let a = Value(3)
  let c = Value(2 * a.number, inputs: [a]) { dy in
    calls.arrived.append(dy)
    return [2 * dy]
  }
  let l = Value(5) * c + c * c
  backward(from: l)
  let arrived = calls.arrived.map(short).joined(separator: ", then ")
  switch calls.arrived.count {
  case 0: throw Wrong("The rule of c was never asked: the walk does not reach it.")
  case 1: break
  default:
    throw Wrong(
      "The rule of c was asked \(calls.arrived.count) times, with \(arrived). It should be asked once, with all that "
        + "arrives at c, 5 + 6 + 6 = 17: visit c only when everything that uses it has been visited.")
  }
  let words =
    switch calls.arrived[0] {
    case 17: "c is right."
    case 5: "c has handed its gradient on before the part from e arrived: the order is wrong."
    case 12: "The part from d is missing at c: it came too late, or was overwritten. Use += in place of =."
    case 6: "At c only the last part is there: it must be added to what has arrived before, += in place of =."
    default: "At c 5 arrives through d, and 6 twice through e, together 17."
    }
  try expectGradient("a", a, 34, "The rule of c was asked with \(arrived). \(words)")
}
