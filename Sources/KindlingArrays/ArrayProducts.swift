import Kernels
import Kindling

// Products of matrices that are nothing but numbers in a row. An array does not know how many rows it has, so each is
// followed by its size, rows first: `dot(x, (n, inputDim), w1, (inputDim, hiddenDim))`. That is what `Tensor` takes off
// your hands.
//
// The size is always that of the array as it lies in memory. `transposed:` before an array says to read it with rows and
// columns exchanged, which costs nothing: the numbers stay where they are, and only the steps from one to the next
// change.

/// The product of two matrices, as `x.dot(y)` of NumPy. The columns of x must be as many as the rows of y.
///
/// ```swift
/// let h = dot(x, (64, 784), w1, (784, 100))  // 64 × 100 numbers
/// ```
public func dot(_ x: [Double], _ xSize: (Int, Int), _ y: [Double], _ ySize: (Int, Int)) -> [Double] {
  product(View(x, xSize), View(y, ySize))
}

/// The product of x, its rows and columns exchanged, and y: `x.T.dot(y)` of NumPy. The rows of x must be as many as
/// those of y.
///
/// ```swift
/// let gradW1 = dot(transposed: x, (64, 784), gradH, (64, 100))  // 784 × 100 numbers
/// ```
public func dot(transposed x: [Double], _ xSize: (Int, Int), _ y: [Double], _ ySize: (Int, Int)) -> [Double] {
  product(View(transposed: x, xSize), View(y, ySize))
}

/// The product of x and y, the rows and columns of y exchanged: `x.dot(y.T)` of NumPy. The columns of x must be as many
/// as those of y.
///
/// ```swift
/// let gradHRelu = dot(gradYPred, (64, 10), transposed: w2, (100, 10))  // 64 × 100 numbers
/// ```
public func dot(_ x: [Double], _ xSize: (Int, Int), transposed y: [Double], _ ySize: (Int, Int)) -> [Double] {
  product(View(x, xSize), View(transposed: y, ySize))
}

/// How to read an array as a matrix: where the next row begins, and where the next column.
private struct View {
  let values: [Double]
  let rows, columns: Int
  let rowStride, columnStride: Int
  /// For whoever looks on: the array as it lies in memory.
  var shown: PlainArray { PlainArray(values, columnStride == 1 ? [rows, columns] : [columns, rows]) }

  init(_ values: [Double], _ size: (Int, Int)) {
    checkSize(values, size)
    self.values = values
    (rows, columns) = size
    (rowStride, columnStride) = (size.1, 1)
  }

  init(transposed values: [Double], _ size: (Int, Int)) {
    checkSize(values, size)
    self.values = values
    (columns, rows) = size
    (rowStride, columnStride) = (1, size.1)
  }

  /// Lends the kernel this matrix for the length of one call. The kernel only reads it.
  func withKernelMatrix(_ body: (KernelMatrix) -> Void) {
    values.withUnsafeBytes { bytes in
      body(
        KernelMatrix(
          data: UnsafeMutableRawPointer(mutating: bytes.baseAddress!), rowStride: Int64(rowStride),
          columnStride: Int64(columnStride), batchStride: 0))
    }
  }
}

private func checkSize(_ values: [Double], _ size: (Int, Int)) {
  let (count, isTooLarge) = size.0.multipliedReportingOverflow(by: size.1)
  if size.0 < 0 || size.1 < 0 || isTooLarge || values.count != count {
    fail("dot", "an array of \(values.count) numbers was said to be \(size.0) × \(size.1).")
  }
}

private func product(_ x: View, _ y: View) -> [Double] {
  let (rows, inner, columns) = (x.rows, x.columns, y.columns)
  if y.rows != inner {
    fail(
      "dot",
      "\(rows) × \(inner) times \(y.rows) × \(columns): the \(inner) columns of the first do not meet the \(y.rows) rows of "
        + "the second. Is one of them to be transposed?")
  }
  Shape([rows, columns]).checkIsPossible(.float64, in: "dot")
  if rows == 0 || inner == 0 || columns == 0 {
    return [Double](repeating: 0, count: rows * columns)
  }
  let result = [Double](unsafeUninitializedCapacity: rows * columns) { out, initializedCount in
    let outMatrix = KernelMatrix(
      data: UnsafeMutableRawPointer(out.baseAddress!), rowStride: Int64(columns), columnStride: 1, batchStride: 0)
    x.withKernelMatrix { xMatrix in
      y.withKernelMatrix { yMatrix in
        KindlingMatmul(.float64, 1, Int64(rows), Int64(columns), Int64(inner), xMatrix, yMatrix, nil, outMatrix)
      }
    }
    initializedCount = rows * columns
  }
  show("dot", [x.shown, y.shown], PlainArray(result, [rows, columns]), nil)
  return result
}
