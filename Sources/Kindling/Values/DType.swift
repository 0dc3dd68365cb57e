import Kernels

/// The type of a tensor's elements.
public enum DType: UInt8, Sendable, CaseIterable, CustomStringConvertible {
  /// 32-bit floating point, the default.
  case float32
  /// 64-bit floating point.
  case float64
  /// 32-bit signed integers.
  case int32
  /// 64-bit signed integers, the default for whole numbers.
  case int64
  /// `true` and `false`, one byte each.
  case bool

  /// Whether it is float32 or float64: only these can require gradients.
  public var isFloatingPoint: Bool { self == .float32 || self == .float64 }

  /// Whether it is int32 or int64.
  var isInteger: Bool { category == .integer }

  /// Bytes an element takes: `itemsize` of PyTorch.
  public var byteCount: Int { Int(KindlingTypeSize(kernelType)) }

  /// `float32`, `float64`, `int32`, `int64`, `bool`.
  public var description: String { String(cString: KindlingTypeName(kernelType)) }

  package var kernelType: KernelType {
    switch self {
    case .float32: .float32
    case .float64: .float64
    case .int32: .int32
    case .int64: .int64
    case .bool: .bool
    }
  }

  var category: NumberCategory {
    switch self {
    case .bool: .bool
    case .int32, .int64: .integer
    case .float32, .float64: .real
    }
  }

  /// The wider of two types: bool, then int32, int64, float32, float64.
  static func widest(_ a: DType, _ b: DType) -> DType {
    if a == b { return a }
    if a.category != b.category { return a.category > b.category ? a : b }
    return a.isInteger ? .int64 : .float64
  }
}

/// What kind of number: an operation between two of them gives the later kind.
enum NumberCategory: UInt8 {
  case bool, integer, real

  static func > (a: NumberCategory, b: NumberCategory) -> Bool { a.rawValue > b.rawValue }
}

/// A number as an operation takes it, with the category it was written in: `2` is an integer, `2.0` is not.
public struct Scalar: Sendable {
  let kernel: KernelScalar
  let category: NumberCategory

  init(_ value: Double) {
    // Out of Int64's range the integer half is never read: see `element(of:in:)`.
    kernel = KernelScalar(real: value, integer: Int64(exactly: value.rounded(.towardZero)) ?? 0)
    category = .real
  }

  private init(_ kernel: KernelScalar, _ category: NumberCategory) {
    self.kernel = kernel
    self.category = category
  }

  init(_ value: Int64) {
    kernel = KernelScalar(real: Double(value), integer: value)
    category = .integer
  }

  init(_ value: Bool) {
    kernel = KernelScalar(real: value ? 1 : 0, integer: value ? 1 : 0)
    category = .bool
  }

  /// The type a tensor made of this number alone has.
  var dtype: DType {
    switch category {
    case .bool: .bool
    case .integer: .int64
    case .real: .float32
    }
  }

  /// Also as a real number, where the negative of 0 is -0: `x - 0` leaves an x of -0 as it is.
  var negated: Scalar { Scalar(KernelScalar(real: -kernel.real, integer: 0 &- kernel.integer), category) }
  var minusOne: Scalar { category == .real ? Scalar(kernel.real - 1) : Scalar(kernel.integer &- 1) }
  var real: Double { kernel.real }

  /// Below and above all others that a tensor of `dtype` can hold, whole or not.
  static func lowest(of dtype: DType) -> Scalar {
    Scalar(KernelScalar(real: -.infinity, integer: dtype == .int32 ? Int64(Int32.min) : .min), .integer)
  }
  static func highest(of dtype: DType) -> Scalar {
    Scalar(KernelScalar(real: .infinity, integer: dtype == .int32 ? Int64(Int32.max) : .max), .integer)
  }

  /// This number as an element of a tensor: cut towards 0 for one of integers; for a bool one anything but 0 is true, also a
  /// half. Ends the program where the type cannot hold it.
  func element(of dtype: DType, in operation: @autoclosure () -> String = "fill_") -> Scalar {
    switch dtype {
    case .bool: return Scalar(kernel.real != 0)
    case .float64: return self
    case .float32:
      if real.magnitude <= Double(Float.greatestFiniteMagnitude) || !real.isFinite { return self }
    case .int32:
      let whole = category == .real ? Int64(exactly: real.rounded(.towardZero)) : kernel.integer
      if let whole, Int32(exactly: whole) != nil { return self }
    case .int64:
      if category != .real || Int64(exactly: real.rounded(.towardZero)) != nil { return self }
    }
    let number = category == .real ? "\(real)" : "\(kernel.integer)"
    fail(operation(), "\(number) is out of the range of \(dtype)")
  }

  /// The type of an operation between a tensor of `dtype` and this number: the tensor's own, unless the number is of a
  /// higher category (an integer tensor times 2.5 is float32).
  func promoted(with other: DType) -> DType { category > other.category ? dtype : other }
}

/// A Swift number that can be an operand, or an element read out of a tensor: `Int`, `Int64`, `Int32`, `Float`, `Double`,
/// `Bool`.
public protocol TensorScalar: Sendable {
  /// The type of a tensor made of such numbers; float32 for `Double`, since a plain `2.5` means a float in PyTorch.
  static var dtype: DType { get }
  /// The type whose elements are laid out in memory as this Swift type is.
  static var storageDType: DType { get }
  /// The number as an operand.
  var scalar: Scalar { get }
}

extension Double: TensorScalar {
  /// float32, PyTorch's default for numbers with a point.
  public static var dtype: DType { .float32 }
  /// float64.
  public static var storageDType: DType { .float64 }
  /// The number as an operand.
  public var scalar: Scalar { Scalar(self) }
}

extension Float: TensorScalar {
  /// float32.
  public static var dtype: DType { .float32 }
  /// float32.
  public static var storageDType: DType { .float32 }
  /// The number as an operand.
  public var scalar: Scalar { Scalar(Double(self)) }
}

extension Int: TensorScalar {
  /// int64.
  public static var dtype: DType { .int64 }
  /// int64.
  public static var storageDType: DType { .int64 }
  /// The number as an operand.
  public var scalar: Scalar { Scalar(Int64(self)) }
}

extension Int64: TensorScalar {
  /// int64.
  public static var dtype: DType { .int64 }
  /// int64.
  public static var storageDType: DType { .int64 }
  /// The number as an operand.
  public var scalar: Scalar { Scalar(self) }
}

extension Int32: TensorScalar {
  /// int32.
  public static var dtype: DType { .int32 }
  /// int32.
  public static var storageDType: DType { .int32 }
  /// The number as an operand.
  public var scalar: Scalar { Scalar(Int64(self)) }
}

extension Bool: TensorScalar {
  /// bool.
  public static var dtype: DType { .bool }
  /// bool.
  public static var storageDType: DType { .bool }
  /// The number as an operand.
  public var scalar: Scalar { Scalar(self) }
}
