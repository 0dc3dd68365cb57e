// Elementwise operations, one row each. Tests/Reference/tables/elementwise.py has a row of the same name with
// PyTorch's.

import Kindling

extension OperationTable {
  static func elementwise() -> OperationTable {
    var table = OperationTable(reference: "elementwise.json")
    table.addFunctions()
    table.addPowers()
    table.addNumbers()
    table.addPairs()
    table.addComparisons()
    table.addTruthValues()
    table.addChoices()
    table.addInPlace()
    table.addConversions()
    return table
  }

  /// Functions of one tensor.
  private mutating func addFunctions() {
    row("-a") { a in -a }
    row("a.abs()") { a in a.abs() }
    row("a.sign()") { a in a.sign() }
    row("a.square()") { a in a.square() }
    row("a.exp()") { a in a.exp() }
    row("a.log()") { a in a.log() }
    row("a.log1p()") { a in a.log1p() }
    row("a.expm1()") { a in a.expm1() }
    row("a.exp2()") { a in a.exp2() }
    row("a.log2()") { a in a.log2() }
    row("a.sqrt()") { a in a.sqrt() }
    row("a.rsqrt()") { a in a.rsqrt() }
    row("a.sin()") { a in a.sin() }
    row("a.cos()") { a in a.cos() }
    row("a.tanh()") { a in a.tanh() }
    row("a.sigmoid()") { a in a.sigmoid() }
    row("a.relu()") { a in a.relu() }
    row("a.gelu()") { a in a.gelu() }
    row("a.gelu(approximate: .tanh)") { a in a.gelu(approximate: .tanh) }
    row("a.silu()") { a in a.silu() }
    row("a.leakyReLU()") { a in a.leakyReLU() }
    row("a.leakyReLU(0.2)") { a in a.leakyReLU(0.2) }
    row("a.softplus()") { a in a.softplus() }
    row("a.softplus(beta: 2, threshold: 1)") { a in a.softplus(beta: 2, threshold: 1) }
    row("a.erf()") { a in a.erf() }
    row("a.reciprocal()") { a in a.reciprocal() }
    row("a.floor()") { a in a.floor() }
    row("a.ceil()") { a in a.ceil() }
    row("a.round()") { a in a.round() }
    row("a.trunc()") { a in a.trunc() }
    row("a.clamp(min: -1, max: 1)") { a in a.clamp(min: -1, max: 1) }
    row("a.clamp(min: 0)") { a in a.clamp(min: 0) }
    row("a.clamp(max: 1)") { a in a.clamp(max: 1) }
    row("a.clamp(min: -0.5, max: 0.75)") { a in a.clamp(min: -0.5, max: 0.75) }
    row("a.isNaN()") { a in a.isNaN() }
    row("a.isInf()") { a in a.isInf() }
    row("a.isFinite()") { a in a.isFinite() }
    row("a.nanToNum()") { a in a.nanToNum() }
    row("a.nanToNum(nan: 1, posInf: 2, negInf: -2.5)") { a in a.nanToNum(nan: 1, posInf: 2, negInf: -2.5) }
    row("a.logicalNot()") { a in a.logicalNot() }
    row("a.clone()") { a in a.clone() }
    row("a.detach()") { a in a.detach() }
    row("a.contiguous()") { a in a.contiguous() }
  }

  /// Powers.
  private mutating func addPowers() {
    row("a.pow(2)") { a in a.pow(2) }
    row("a.pow(3)") { a in a.pow(3) }
    row("a.pow(0)") { a in a.pow(0) }
    row("a.pow(1)") { a in a.pow(1) }
    row("a.pow(-1)") { a in a.pow(-1) }
    row("a.pow(-2)") { a in a.pow(-2) }
    row("a.pow(0.5)") { a in a.pow(0.5) }
    row("a.pow(2.5)") { a in a.pow(2.5) }
    row("a.pow(b)") { a, b in a.pow(b) }
    row("Tensor.pow(2, a)") { a in Tensor.pow(2, a) }
    row("Tensor.pow(0, a)") { a in Tensor.pow(0, a) }
    row("Tensor.pow(0.5, a)") { a in Tensor.pow(0.5, a) }
  }

  /// A tensor and a number, on either side.
  private mutating func addNumbers() {
    row("a + 2") { a in a + 2 }
    row("2 + a") { a in 2 + a }
    row("a - 2") { a in a - 2 }
    row("2 - a") { a in 2 - a }
    row("a * 3") { a in a * 3 }
    row("3 * a") { a in 3 * a }
    row("a / 3") { a in a / 3 }
    row("3 / a") { a in 3 / a }
    row("a + 2.5") { a in a + 2.5 }
    row("2.5 + a") { a in 2.5 + a }
    row("a - 2.5") { a in a - 2.5 }
    row("2.5 - a") { a in 2.5 - a }
    row("a * 2.5") { a in a * 2.5 }
    row("2.5 * a") { a in 2.5 * a }
    row("a / 2.5") { a in a / 2.5 }
    row("2.5 / a") { a in 2.5 / a }
    row("a % 3") { a in a % 3 }
    row("7 % a") { a in 7 % a }
    row("a % -2.5") { a in a % -2.5 }
    row("2.5 % a") { a in 2.5 % a }
    row("a.remainder(2)") { a in a.remainder(2) }
    row("a.floorDivide(3)") { a in a.floorDivide(3) }
    row("a.floorDivide(-0.5)") { a in a.floorDivide(-0.5) }
  }

  /// Two tensors.
  private mutating func addPairs() {
    row("a + b") { a, b in a + b }
    row("a - b") { a, b in a - b }
    row("a * b") { a, b in a * b }
    row("a / b") { a, b in a / b }
    row("a % b") { a, b in a % b }
    row("a.remainder(b)") { a, b in a.remainder(b) }
    row("a.floorDivide(b)") { a, b in a.floorDivide(b) }
    row("a * a") { a in a * a }
    row("a / a") { a in a / a }
    row("a.maximum(b)") { a, b in a.maximum(b) }
    row("a.minimum(b)") { a, b in a.minimum(b) }
    row("a.clamp(min: b, max: c)") { a, b, c in a.clamp(min: b, max: c) }
    row("a.clamp(min: b) of a tensor") { a, b in a.clamp(min: b) }
    row("a.clamp(max: b) of a tensor") { a, b in a.clamp(max: b) }
  }

  /// Comparisons and logic.
  private mutating func addComparisons() {
    row("a < b") { a, b in a < b }
    row("a <= b") { a, b in a <= b }
    row("a > b") { a, b in a > b }
    row("a >= b") { a, b in a >= b }
    row("a == b") { a, b in a == b }
    row("a != b") { a, b in a != b }
    row("a < 1") { a in a < 1 }
    row("a <= 1") { a in a <= 1 }
    row("a > 1") { a in a > 1 }
    row("a >= 1") { a in a >= 1 }
    row("a == 1") { a in a == 1 }
    row("a != 1") { a in a != 1 }
    row("1 < a") { a in 1 < a }
    row("1 <= a") { a in 1 <= a }
    row("1 > a") { a in 1 > a }
    row("1 >= a") { a in 1 >= a }
    row("1 == a") { a in 1 == a }
    row("1 != a") { a in 1 != a }
    row("-0.5 < a") { a in -0.5 < a }
    row("a.isClose(b)") { a, b in a.isClose(b) }
    row("a.isClose(b, rtol: 0.5, atol: 0.1, equalNaN: true)") { a, b in
      a.isClose(b, rtol: 0.5, atol: 0.1, equalNaN: true)
    }
    row("a > 1.5") { a in a > 1.5 }
    row("a <= -0.5") { a in a <= -0.5 }
    row("a.logicalAnd(b)") { a, b in a.logicalAnd(b) }
    row("a.logicalOr(b)") { a, b in a.logicalOr(b) }
    row("a.logicalXor(b)") { a, b in a.logicalXor(b) }
    row("a .& b") { a, b in a .& b }
    row("a .| b") { a, b in a .| b }
    row("!a") { a in !a }
  }

  /// Numbers that are truth values.
  private mutating func addTruthValues() {
    row("a + true") { a in a + true }
    row("false + a") { a in false + a }
    row("a * true") { a in a * true }
    row("false * a") { a in false * a }
    row("a / true") { a in a / true }
    row("a.pow(true)") { a in a.pow(true) }
    row("a.pow(false)") { a in a.pow(false) }
    row("a += true") { a in changed(a) { $0 += true } }
    row("a *= false") { a in changed(a) { $0 *= false } }
  }

  /// Choosing.
  private mutating func addChoices() {
    row("Tensor.where(a, b, c)") { a, b, c in Tensor.where(a, b, c) }
    row("Tensor.where(a > 0, a, 0.5)") { a in Tensor.where(a > 0, a, 0.5) }
    row("Tensor.where(a > 0, -1.5, a)") { a in Tensor.where(a > 0, -1.5, a) }
    row("Tensor.where(a > 0, 1, 0)") { a in Tensor.where(a > 0, 1, 0) }
    row("Tensor.where(a > 0, 1, 0.5)") { a in Tensor.where(a > 0, 1, 0.5) }
    row("Tensor.where(a > 0, true, false)") { a in Tensor.where(a > 0, true, false) }
    row("a.maskedFill(b, -2)") { a, b in a.maskedFill(b, -2) }
    row("a.maskedFill(b, 2.5)") { a, b in a.maskedFill(b, 2.5) }
  }

  /// In place.
  private mutating func addInPlace() {
    row("a.add_(b)") { a, b in changed(a) { $0.add_(b) } }
    row("a.add_(b, alpha: 2)") { a, b in changed(a) { $0.add_(b, alpha: 2) } }
    row("a.add_(b, alpha: -1)") { a, b in changed(a) { $0.add_(b, alpha: -1) } }
    row("a.add_(b, alpha: -0.5)") { a, b in changed(a) { $0.add_(b, alpha: -0.5) } }
    row("a.sub_(b)") { a, b in changed(a) { $0.sub_(b) } }
    row("a.sub_(b, alpha: 2)") { a, b in changed(a) { $0.sub_(b, alpha: 2) } }
    row("a.mul_(b)") { a, b in changed(a) { $0.mul_(b) } }
    row("a.div_(b)") { a, b in changed(a) { $0.div_(b) } }
    row("a.add_(2)") { a in changed(a) { $0.add_(2) } }
    row("a.sub_(2)") { a in changed(a) { $0.sub_(2) } }
    row("a.mul_(3)") { a in changed(a) { $0.mul_(3) } }
    row("a.div_(3)") { a in changed(a) { $0.div_(3) } }
    row("a += b") { a, b in changed(a) { $0 += b } }
    row("a -= b") { a, b in changed(a) { $0 -= b } }
    row("a *= b") { a, b in changed(a) { $0 *= b } }
    row("a /= b") { a, b in changed(a) { $0 /= b } }
    row("a += 2") { a in changed(a) { $0 += 2 } }
    row("a -= 2") { a in changed(a) { $0 -= 2 } }
    row("a *= 2.5") { a in changed(a) { $0 *= 2.5 } }
    row("a /= 2.5") { a in changed(a) { $0 /= 2.5 } }
    row("a.zero_()") { a in changed(a) { $0.zero_() } }
    row("a.fill_(3)") { a in changed(a) { $0.fill_(3) } }
    row("a.copy_(b)") { a, b in changed(a) { $0.copy_(b) } }
    row("a.maskedFill_(b, -2)") { a, b in changed(a) { $0.maskedFill_(b, -2) } }
    row("a.clamp_(min: -1, max: 1)") { a in changed(a) { $0.clamp_(min: -1, max: 1) } }
    row("a.clamp_(min: 0)") { a in changed(a) { $0.clamp_(min: 0) } }
    row("a.clamp_(min: b) of a tensor") { a, b in changed(a) { $0.clamp_(min: b) } }
    row("a.clamp_(max: b) of a tensor") { a, b in changed(a) { $0.clamp_(max: b) } }
    row("a.clamp_(min: b, max: c)") { a, b, c in changed(a) { $0.clamp_(min: b, max: c) } }
  }

  /// Conversions.
  private mutating func addConversions() {
    row("a.to(.float32)") { a in a.to(.float32) }
    row("a.to(.float64)") { a in a.to(.float64) }
    row("a.to(.int64)") { a in a.to(.int64) }
    row("a.to(.int32)") { a in a.to(.int32) }
    row("a.to(.bool)") { a in a.to(.bool) }
  }
}
