import Kindling

// Arithmetic on arrays, element by element, under the names it has in NumPy. For these an array is just so many numbers:
// whether they are meant as 64 rows of 10 or as 10 of 64, the caller knows.
//
// The loops run over pointers, because a loop over an array checks every index, and such a loop is not vectorised.

/// The greater of each element and `value`; NaN stays NaN: `np.maximum(x, value)`.
public func maximum(_ x: [Double], _ value: Double) -> [Double] {
  if value.isNaN { return [Double](repeating: value, count: x.count) }
  return made("maximum", [x], [value]) { out in
    x.withUnsafeBufferPointer { x in
      for i in x.indices {
        // Asked this way round, a NaN in x stays: it compares as false with everything.
        out[i] = x[i] < value ? value : x[i]
      }
    }
  }
}

/// The difference of two arrays of one length: `np.subtract(x, y)`, or `x - y`.
public func subtract(_ x: [Double], _ y: [Double]) -> [Double] {
  checkCounts("subtract", x.count, y.count)
  return made("subtract", [x, y]) { out in
    x.withUnsafeBufferPointer { x in
      y.withUnsafeBufferPointer { y in
        for i in x.indices {
          out[i] = x[i] - y[i]
        }
      }
    }
  }
}

/// Each element times `factor`: `np.multiply(factor, x)`, or `factor * x`.
public func multiply(_ factor: Double, _ x: [Double]) -> [Double] {
  made("multiply", [x], [factor]) { out in
    x.withUnsafeBufferPointer { x in
      for i in x.indices {
        out[i] = factor * x[i]
      }
    }
  }
}

/// Each element times itself: `np.square(x)`.
public func square(_ x: [Double]) -> [Double] {
  made("square", [x]) { out in
    x.withUnsafeBufferPointer { x in
      for i in x.indices {
        out[i] = x[i] * x[i]
      }
    }
  }
}

/// Whether each element is less than `value`: `np.less(x, value)`, or `x < value`.
public func less(_ x: [Double], _ value: Double) -> [Bool] {
  let mask = [Bool](unsafeUninitializedCapacity: x.count) { out, initializedCount in
    x.withUnsafeBufferPointer { x in
      for i in x.indices {
        out[i] = x[i] < value
      }
    }
    initializedCount = x.count
  }
  show("less", [PlainArray(x)], PlainArray(mask), [value])
  return mask
}

/// Writes `value` to those places of `x` where `mask` is true: `x[mask] = value` of NumPy.
///
/// ```swift
/// assign(0, to: &gradH, where: less(h, 0))  // grad_h[h < 0] = 0
/// ```
public func assign(_ value: Double, to x: inout [Double], where mask: [Bool]) {
  checkCounts("assign", x.count, mask.count)
  let before = isWatched ? x : nil
  defer {
    if let before { show("assign", [PlainArray(before), PlainArray(mask)], PlainArray(x), [value], writes: true) }
  }
  x.withUnsafeMutableBufferPointer { x in
    mask.withUnsafeBufferPointer { mask in
      // One of the two is taken by its bits. A branch would be guessed wrong every second time where a mask is as good as
      // random, and that takes longer than all the rest.
      for i in x.indices {
        let taken: UInt64 = mask[i] ? .max : 0
        x[i] = Double(bitPattern: value.bitPattern & taken | x[i].bitPattern & ~taken)
      }
    }
  }
}

/// Takes `factor` times x off `target`, in place: `target -= factor * x` of NumPy, without the array that holds the
/// product there.
///
/// ```swift
/// subtract(learningRate, times: gradW1, from: &w1)  // w1 -= learning_rate * grad_w1
/// ```
public func subtract(_ factor: Double, times x: [Double], from target: inout [Double]) {
  checkCounts("subtract", target.count, x.count)
  let before = isWatched ? target : nil
  defer {
    if let before { show("subtract", [PlainArray(before), PlainArray(x)], PlainArray(target), [factor], writes: true) }
  }
  target.withUnsafeMutableBufferPointer { target in
    x.withUnsafeBufferPointer { x in
      for i in x.indices {
        target[i] -= factor * x[i]
      }
    }
  }
}

/// The sum of all elements: `np.sum(x)`, bit for bit.
///
/// Added up one after the other, n numbers gather a rounding error that grows with n. Here, as in NumPy, the array is
/// halved until 128 numbers or fewer are left, and the sums of the parts are added, so that it grows with the logarithm of
/// n only.
public func sum(_ x: [Double]) -> Double {
  let total = x.withUnsafeBufferPointer { x in
    // An empty array may have no address.
    x.baseAddress.map { pairwiseSum($0, x.count) } ?? 0
  }
  show("sum", [PlainArray(x)], PlainArray([total], []), nil)
  return total
}

private func pairwiseSum(_ x: UnsafePointer<Double>, _ count: Int) -> Double {
  if count > 128 {
    // The first part is a multiple of eight long: no group of eight is cut in two.
    let half = count / 2 / 8 * 8
    return pairwiseSum(x, half) + pairwiseSum(x + half, count - half)
  }
  let grouped = count / 8 * 8
  // Eight running sums, side by side in vector registers.
  var sums = SIMD8<Double>.zero
  for start in stride(from: 0, to: grouped, by: 8) {
    sums += UnsafeRawPointer(x + start).loadUnaligned(as: SIMD8<Double>.self)
  }
  var total = ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]))
  for i in grouped..<count {
    total += x[i]
  }
  return total
}

/// The result of an operation on arrays of one length, written by `fill` before anyone reads it: no zeros first.
@inline(__always)
private func made(
  _ operation: String, _ inputs: [[Double]], _ numbers: [Double] = [],
  _ fill: (UnsafeMutableBufferPointer<Double>) -> Void
) -> [Double] {
  let count = inputs[0].count
  let result = [Double](unsafeUninitializedCapacity: count) { out, initializedCount in
    fill(out)
    initializedCount = count
  }
  if isWatched { show(operation, inputs.map { PlainArray($0) }, PlainArray(result), numbers) }
  return result
}

/// Shows an operation to whoever looks on. `numbers` is nil where an element comes from more than those at its place.
@inline(__always)
func show(
  _ operation: String, _ inputs: @autoclosure () -> [PlainArray], _ output: @autoclosure () -> PlainArray,
  _ numbers: [Double?]?, writes: Bool = false
) {
  if !isWatched { return }
  Watching.current?.ran(plain: operation, inputs(), output(), numbers: numbers, writes: writes)
}

private func checkCounts(_ operation: String, _ first: Int, _ second: Int) {
  if first != second {
    fail(operation, "one array has \(first) elements, the other \(second); they must be of one length.")
  }
}
