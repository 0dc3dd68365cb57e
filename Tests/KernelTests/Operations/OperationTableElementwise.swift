// Written by Tests/Reference/generate.py from tables/elementwise.py: to add a row, add it there.
// swift-format-ignore-file

import Kindling

extension OperationTable {
  static func elementwise() -> OperationTable {
    var table = OperationTable(reference: "elementwise.json")
    table.row("-a") { a in -a }
    table.row("a.abs()") { a in a.abs() }
    table.row("a.sign()") { a in a.sign() }
    table.row("a.square()") { a in a.square() }
    table.row("a.exp()") { a in a.exp() }
    table.row("a.log()") { a in a.log() }
    table.row("a.log1p()") { a in a.log1p() }
    table.row("a.expm1()") { a in a.expm1() }
    table.row("a.exp2()") { a in a.exp2() }
    table.row("a.log2()") { a in a.log2() }
    table.row("a.sqrt()") { a in a.sqrt() }
    table.row("a.rsqrt()") { a in a.rsqrt() }
    table.row("a.sin()") { a in a.sin() }
    table.row("a.cos()") { a in a.cos() }
    table.row("a.tanh()") { a in a.tanh() }
    table.row("a.sigmoid()") { a in a.sigmoid() }
    table.row("a.relu()") { a in a.relu() }
    table.row("a.gelu()") { a in a.gelu() }
    table.row("a.gelu(approximate: .tanh)") { a in a.gelu(approximate: .tanh) }
    table.row("a.silu()") { a in a.silu() }
    table.row("a.leakyReLU()") { a in a.leakyReLU() }
    table.row("a.leakyReLU(0.2)") { a in a.leakyReLU(0.2) }
    table.row("a.softplus()") { a in a.softplus() }
    table.row("a.softplus(beta: 2, threshold: 1)") { a in a.softplus(beta: 2, threshold: 1) }
    table.row("a.erf()") { a in a.erf() }
    table.row("a.reciprocal()") { a in a.reciprocal() }
    table.row("a.floor()") { a in a.floor() }
    table.row("a.ceil()") { a in a.ceil() }
    table.row("a.round()") { a in a.round() }
    table.row("a.trunc()") { a in a.trunc() }
    table.row("a.clamp(min: -1, max: 1)") { a in a.clamp(min: -1, max: 1) }
    table.row("a.clamp(min: 0)") { a in a.clamp(min: 0) }
    table.row("a.clamp(max: 1)") { a in a.clamp(max: 1) }
    table.row("a.clamp(min: -0.5, max: 0.75)") { a in a.clamp(min: -0.5, max: 0.75) }
    table.row("a.isNaN()") { a in a.isNaN() }
    table.row("a.isInf()") { a in a.isInf() }
    table.row("a.isFinite()") { a in a.isFinite() }
    table.row("a.nanToNum()") { a in a.nanToNum() }
    table.row("a.nanToNum(nan: 1, posInf: 2, negInf: -2.5)") { a in a.nanToNum(nan: 1, posInf: 2, negInf: -2.5) }
    table.row("a.logicalNot()") { a in a.logicalNot() }
    table.row("a.clone()") { a in a.clone() }
    table.row("a.detach()") { a in a.detach() }
    table.row("a.contiguous()") { a in a.contiguous() }
    table.row("a.pow(2)") { a in a.pow(2) }
    table.row("a.pow(3)") { a in a.pow(3) }
    table.row("a.pow(0)") { a in a.pow(0) }
    table.row("a.pow(1)") { a in a.pow(1) }
    table.row("a.pow(-1)") { a in a.pow(-1) }
    table.row("a.pow(-2)") { a in a.pow(-2) }
    table.row("a.pow(0.5)") { a in a.pow(0.5) }
    table.row("a.pow(2.5)") { a in a.pow(2.5) }
    table.row("a.pow(b)") { a, b in a.pow(b) }
    table.row("Tensor.pow(2, a)") { a in Tensor.pow(2, a) }
    table.row("Tensor.pow(0, a)") { a in Tensor.pow(0, a) }
    table.row("Tensor.pow(0.5, a)") { a in Tensor.pow(0.5, a) }
    table.row("a + 2") { a in a + 2 }
    table.row("2 + a") { a in 2 + a }
    table.row("a - 2") { a in a - 2 }
    table.row("2 - a") { a in 2 - a }
    table.row("a * 3") { a in a * 3 }
    table.row("3 * a") { a in 3 * a }
    table.row("a / 3") { a in a / 3 }
    table.row("3 / a") { a in 3 / a }
    table.row("a + 2.5") { a in a + 2.5 }
    table.row("2.5 + a") { a in 2.5 + a }
    table.row("a - 2.5") { a in a - 2.5 }
    table.row("2.5 - a") { a in 2.5 - a }
    table.row("a * 2.5") { a in a * 2.5 }
    table.row("2.5 * a") { a in 2.5 * a }
    table.row("a / 2.5") { a in a / 2.5 }
    table.row("2.5 / a") { a in 2.5 / a }
    table.row("a % 3") { a in a % 3 }
    table.row("7 % a") { a in 7 % a }
    table.row("a % -2.5") { a in a % -2.5 }
    table.row("2.5 % a") { a in 2.5 % a }
    table.row("a.remainder(2)") { a in a.remainder(2) }
    table.row("a.floorDivide(3)") { a in a.floorDivide(3) }
    table.row("a.floorDivide(-0.5)") { a in a.floorDivide(-0.5) }
    table.row("a + b") { a, b in a + b }
    table.row("a - b") { a, b in a - b }
    table.row("a * b") { a, b in a * b }
    table.row("a / b") { a, b in a / b }
    table.row("a % b") { a, b in a % b }
    table.row("a.remainder(b)") { a, b in a.remainder(b) }
    table.row("a.floorDivide(b)") { a, b in a.floorDivide(b) }
    table.row("a * a") { a in a * a }
    table.row("a / a") { a in a / a }
    table.row("a.maximum(b)") { a, b in a.maximum(b) }
    table.row("a.minimum(b)") { a, b in a.minimum(b) }
    table.row("a.clamp(min: b, max: c)") { a, b, c in a.clamp(min: b, max: c) }
    table.row("a.clamp(min: b)") { a, b in a.clamp(min: b) }
    table.row("a.clamp(max: b)") { a, b in a.clamp(max: b) }
    table.row("a < b") { a, b in a < b }
    table.row("a <= b") { a, b in a <= b }
    table.row("a > b") { a, b in a > b }
    table.row("a >= b") { a, b in a >= b }
    table.row("a == b") { a, b in a == b }
    table.row("a != b") { a, b in a != b }
    table.row("a < 1") { a in a < 1 }
    table.row("a <= 1") { a in a <= 1 }
    table.row("a > 1") { a in a > 1 }
    table.row("a >= 1") { a in a >= 1 }
    table.row("a == 1") { a in a == 1 }
    table.row("a != 1") { a in a != 1 }
    table.row("1 < a") { a in 1 < a }
    table.row("1 <= a") { a in 1 <= a }
    table.row("1 > a") { a in 1 > a }
    table.row("1 >= a") { a in 1 >= a }
    table.row("1 == a") { a in 1 == a }
    table.row("1 != a") { a in 1 != a }
    table.row("-0.5 < a") { a in -0.5 < a }
    table.row("a.isClose(b)") { a, b in a.isClose(b) }
    table.row("a.isClose(b, rtol: 0.5, atol: 0.1, equalNaN: true)") { a, b in a.isClose(b, rtol: 0.5, atol: 0.1, equalNaN: true) }
    table.row("a > 1.5") { a in a > 1.5 }
    table.row("a <= -0.5") { a in a <= -0.5 }
    table.row("a.logicalAnd(b)") { a, b in a.logicalAnd(b) }
    table.row("a.logicalOr(b)") { a, b in a.logicalOr(b) }
    table.row("a.logicalXor(b)") { a, b in a.logicalXor(b) }
    table.row("a .& b") { a, b in a .& b }
    table.row("a .| b") { a, b in a .| b }
    table.row("!a") { a in !a }
    table.row("a + true") { a in a + true }
    table.row("false + a") { a in false + a }
    table.row("a * true") { a in a * true }
    table.row("false * a") { a in false * a }
    table.row("a / true") { a in a / true }
    table.row("a.pow(true)") { a in a.pow(true) }
    table.row("a.pow(false)") { a in a.pow(false) }
    table.row("Tensor.where(a, b, c)") { a, b, c in Tensor.where(a, b, c) }
    table.row("Tensor.where(a > 0, a, 0.5)") { a in Tensor.where(a > 0, a, 0.5) }
    table.row("Tensor.where(a > 0, -1.5, a)") { a in Tensor.where(a > 0, -1.5, a) }
    table.row("Tensor.where(a > 0, 1, 0)") { a in Tensor.where(a > 0, 1, 0) }
    table.row("Tensor.where(a > 0, 1, 0.5)") { a in Tensor.where(a > 0, 1, 0.5) }
    table.row("Tensor.where(a > 0, true, false)") { a in Tensor.where(a > 0, true, false) }
    table.row("a.maskedFill(b, -2)") { a, b in a.maskedFill(b, -2) }
    table.row("a.maskedFill(b, 2.5)") { a, b in a.maskedFill(b, 2.5) }
    table.row("a.add_(b)") { a, b in changed(a) { $0.add_(b) } }
    table.row("a.add_(b, alpha: 2)") { a, b in changed(a) { $0.add_(b, alpha: 2) } }
    table.row("a.add_(b, alpha: -1)") { a, b in changed(a) { $0.add_(b, alpha: -1) } }
    table.row("a.add_(b, alpha: -0.5)") { a, b in changed(a) { $0.add_(b, alpha: -0.5) } }
    table.row("a.sub_(b)") { a, b in changed(a) { $0.sub_(b) } }
    table.row("a.sub_(b, alpha: 2)") { a, b in changed(a) { $0.sub_(b, alpha: 2) } }
    table.row("a.mul_(b)") { a, b in changed(a) { $0.mul_(b) } }
    table.row("a.div_(b)") { a, b in changed(a) { $0.div_(b) } }
    table.row("a.add_(2)") { a in changed(a) { $0.add_(2) } }
    table.row("a.sub_(2)") { a in changed(a) { $0.sub_(2) } }
    table.row("a.mul_(3)") { a in changed(a) { $0.mul_(3) } }
    table.row("a.div_(3)") { a in changed(a) { $0.div_(3) } }
    table.row("a += b") { a, b in changed(a) { $0 += b } }
    table.row("a -= b") { a, b in changed(a) { $0 -= b } }
    table.row("a *= b") { a, b in changed(a) { $0 *= b } }
    table.row("a /= b") { a, b in changed(a) { $0 /= b } }
    table.row("a += 2") { a in changed(a) { $0 += 2 } }
    table.row("a -= 2") { a in changed(a) { $0 -= 2 } }
    table.row("a *= 2.5") { a in changed(a) { $0 *= 2.5 } }
    table.row("a /= 2.5") { a in changed(a) { $0 /= 2.5 } }
    table.row("a += true") { a in changed(a) { $0 += true } }
    table.row("a *= false") { a in changed(a) { $0 *= false } }
    table.row("a.zero_()") { a in changed(a) { $0.zero_() } }
    table.row("a.fill_(3)") { a in changed(a) { $0.fill_(3) } }
    table.row("a.copy_(b)") { a, b in changed(a) { $0.copy_(b) } }
    table.row("a.maskedFill_(b, -2)") { a, b in changed(a) { $0.maskedFill_(b, -2) } }
    table.row("a.clamp_(min: -1, max: 1)") { a in changed(a) { $0.clamp_(min: -1, max: 1) } }
    table.row("a.clamp_(min: 0)") { a in changed(a) { $0.clamp_(min: 0) } }
    table.row("a.clamp_(min: b)") { a, b in changed(a) { $0.clamp_(min: b) } }
    table.row("a.clamp_(max: b)") { a, b in changed(a) { $0.clamp_(max: b) } }
    table.row("a.clamp_(min: b, max: c)") { a, b, c in changed(a) { $0.clamp_(min: b, max: c) } }
    table.row("a.to(.float32)") { a in a.to(.float32) }
    table.row("a.to(.float64)") { a in a.to(.float64) }
    table.row("a.to(.int64)") { a in a.to(.int64) }
    table.row("a.to(.int32)") { a in a.to(.int32) }
    table.row("a.to(.bool)") { a in a.to(.bool) }
    return table
  }
}
