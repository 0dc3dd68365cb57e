import Kernels

// Pools: a window goes over each channel of a picture, and of all it holds one number remains.

/// The largest number of each window. NaN, where there is one, wins.
///
/// - Parameters:
///   - input: Pictures of shape [n, c, height, width], or one of shape [c, height, width].
///   - kernelSize: How large a window is.
///   - stride: How far it moves; as far as it is large, if nothing is said.
///   - padding: How far it may begin before a picture, at most half of the window. What it holds there does not count.
///   - dilation: How far apart the numbers of a window lie.
///   - ceilMode: Whether a last window that hangs over the end counts.
///
/// float32 and float64. The gradient goes to the element that was the largest, the first of several. Ends the program where
/// sizes do not fit.
public func maxPool2d(
  _ input: Tensor, kernelSize: any IntOrPair, stride: (any IntOrPair)? = nil, padding: any IntOrPair = 0,
  dilation: any IntOrPair = 1, ceilMode: Bool = false
) -> Tensor {
  let pool = KernelPool(
    windowsOver: input, kernelSize, stride, padding, dilation, ceilMode: ceilMode, in: "max_pool2d")
  let (y, places) = (input.pooled(pool), Tensor(uninitialized: input.pooled(pool), .int64, input.backend))
  let out = input.uninitialized(y, input.dtype)
  input.pool(.maximum, pool, places: places, into: out)
  return out.recorded("max_pool2d", input) { dy, saved in dy.putBack(places, pool, saved.shape(0)) }
}

/// The mean of each window.
///
/// - Parameters:
///   - input: Pictures of shape [n, c, height, width], or one of shape [c, height, width].
///   - kernelSize: How large a window is.
///   - stride: How far it moves; as far as it is large, if nothing is said.
///   - padding: How many rows and columns of zeros are put around a picture, at most half of the window.
///   - ceilMode: Whether a last window that hangs over the end counts.
///   - countIncludePad: Whether those zeros count as elements.
///   - divisorOverride: What sums are divided by, in the place of the number of elements.
///
/// float32 and float64. Ends the program where sizes do not fit.
public func avgPool2d(
  _ input: Tensor, kernelSize: any IntOrPair, stride: (any IntOrPair)? = nil, padding: any IntOrPair = 0,
  ceilMode: Bool = false, countIncludePad: Bool = true, divisorOverride: Int? = nil
) -> Tensor {
  if divisorOverride == 0 { fail("avg_pool2d", "a divisor of 0") }
  var pool = KernelPool(windowsOver: input, kernelSize, stride, padding, 1, ceilMode: ceilMode, in: "avg_pool2d")
  pool.countsPadding = countIncludePad ? 1 : 0
  pool.divisor = Int64(divisorOverride ?? 0)
  return input.averaged(pool, "avg_pool2d", input.pooled(pool))
}

/// The means of windows that divide a picture as evenly as can be, into `outputSize`.
///
/// - Parameters:
///   - input: Pictures of shape [n, c, height, width], or one of shape [c, height, width].
///   - outputSize: How many rows and columns the result has; a picture of each size comes out in this one.
///
/// float32 and float64. Ends the program where sizes do not fit.
public func adaptiveAvgPool2d(_ input: Tensor, outputSize: any IntOrPair) -> Tensor {
  input.checkIsPicture("adaptive_avg_pool2d")
  let size = outputSize.checkedPair("size", atLeast: 0, in: "adaptive_avg_pool2d")
  var pool = KernelPool(planesOf: input, out: size)
  pool.adaptive = 1
  return input.averaged(pool, "adaptive_avg_pool2d", input.pooled(pool))
}

extension Tensor {
  /// The means of windows, and of their gradients the shares: each the other's derivative.
  fileprivate func averaged(_ pool: KernelPool, _ name: StaticString, _ shape: Shape) -> Tensor {
    let out = uninitialized(shape, dtype)
    self.pool(.average, pool, into: out)
    return out.recorded(name, self) { dy, saved in dy.shared(pool, name, saved.shape(0)) }
  }

  private func shared(_ pool: KernelPool, _ name: StaticString, _ shape: Shape) -> Tensor {
    let out = uninitialized(shape, dtype)
    self.pool(.averageGradient, pool, into: out)
    return out.recorded("pool_gradient", self) { dx, saved in dx.averaged(pool, name, saved.shape(0)) }
  }

  /// Each number at its place in a picture of zeros. Its derivative reads them from there.
  fileprivate func putBack(_ places: Tensor, _ pool: KernelPool, _ shape: Shape) -> Tensor {
    let out = uninitialized(shape, dtype)
    self.pool(.maximumGradient, pool, places: places, into: out)
    return out.recorded("pool_gradient", self) { dx, saved in
      let from = places.flatten(startDim: -2)
      let numbers = dx.flatten(startDim: -2).gather(dim: -1, index: from.clamp(min: 0))
      return Tensor.where(from >= 0, numbers, 0).reshape(saved.shape(0)).asOwner()
    }
  }

  fileprivate func pool(_ operation: PoolOperation, _ pool: KernelPool, places: Tensor? = nil, into out: Tensor) {
    if elementCount == 0 && out.elementCount > 0 { _ = out.zero_() }
    if elementCount == 0 || out.elementCount == 0 { return }
    let x = within { contiguous() }
    backend.pool(operation, pool, x.operand, places: places?.pointer, into: out.operand)
  }

  /// The shape of what a pool makes of this picture.
  fileprivate func pooled(_ pool: KernelPool) -> Shape {
    shape.replacing(rank - 2, with: Int(pool.out.0)).replacing(rank - 1, with: Int(pool.out.1))
  }

  /// Ends the program where this is not one picture or several, of floating-point numbers.
  func checkIsPicture(_ name: StaticString) {
    if rank != 3 && rank != 4 {
      fail(
        "\(name)", "an input of shape \(shape); it must be [n, channels, height, width] or [channels, height, width]")
    }
    if !dtype.isFloatingPoint { fail("\(name)", "an input of \(dtype); convert it with to(.float32)") }
    for size in shape.dropFirst(rank - 3) where size > Int(Int32.max) || size == 0 {
      fail("\(name)", "an input of shape \(shape); sizes can be 1 to \(Int32.max), and that of the batch 0")
    }
  }
}

extension KernelPool {
  fileprivate init(planesOf x: Tensor, out: (Int, Int)) {
    self.init()
    planes = Int64(x.shape.dropLast(2).reduce(1, *))
    (`in`.0, `in`.1) = (Int64(x.shape[x.rank - 2]), Int64(x.shape[x.rank - 1]))
    self.out = (Int64(out.0), Int64(out.1))
  }

  /// The sizes of a pool with moving windows. Ends the program where anything does not fit, before any memory is asked for.
  fileprivate init(
    windowsOver x: Tensor, _ kernelSize: any IntOrPair, _ stride: (any IntOrPair)?, _ padding: any IntOrPair,
    _ dilation: any IntOrPair, ceilMode: Bool, in operation: StaticString
  ) {
    x.checkIsPicture(operation)
    let name = "\(operation)"
    let kernel = kernelSize.checkedPair("kernel size", atLeast: 1, in: name)
    let stride = (stride ?? kernelSize).checkedPair("stride", atLeast: 1, in: name)
    let padding = padding.checkedPair("padding", atLeast: 0, in: name)
    let dilation = dilation.checkedPair("dilation", atLeast: 1, in: name)
    func windows(_ size: Int, _ kernel: Int, _ stride: Int, _ padding: Int, _ dilation: Int) -> Int {
      let reach = (kernel - 1) * dilation
      if padding > (reach + 1) / 2 {
        fail(name, "a padding of \(padding) for windows of \(reach + 1); it can be at most half of a window")
      }
      let room = size + 2 * padding - reach - 1
      if size == 0 || room < 0 {
        fail(name, "windows of \(reach + 1) do not fit an input of shape \(x.shape) with a padding of \(padding)")
      }
      let count = (room + (ceilMode ? stride - 1 : 0)) / stride + 1
      // A window must begin within the picture or before it.
      return ceilMode && (count - 1) * stride >= size + padding ? count - 1 : count
    }
    self.init(
      planesOf: x,
      out: (
        windows(x.shape[x.rank - 2], kernel.0, stride.0, padding.0, dilation.0),
        windows(x.shape[x.rank - 1], kernel.1, stride.1, padding.1, dilation.1)
      ))
    self.kernel = (Int64(kernel.0), Int64(kernel.1))
    self.stride = (Int64(stride.0), Int64(stride.1))
    self.padding = (Int64(padding.0), Int64(padding.1))
    self.dilation = (Int64(dilation.0), Int64(dilation.1))
  }
}
