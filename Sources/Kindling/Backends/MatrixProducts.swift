import Kernels

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Who multiplies matrices on the CPU, in float32 and float64: kernels of our own, or OpenBLAS. Products with a vector are
/// always OpenBLAS's.
package enum MatrixProducts: String, CaseIterable, Sendable {
  case own, openblas

  /// At first what `KINDLING_PRODUCTS` says; a value that it cannot have ends the program.
  package static var current: MatrixProducts {
    get { KindlingProducts() == .own ? .own : .openblas }
    set { KindlingSetProducts(newValue == .own ? .own : .openBLAS) }
  }

  /// Throws where `KINDLING_PRODUCTS` has a value that it cannot have, for programs that say so before they begin.
  package static func checkEnvironment() throws {
    guard let value = getenv("KINDLING_PRODUCTS").map({ String(cString: $0) }) else { return }
    if value.isEmpty || MatrixProducts(rawValue: value) != nil { return }
    throw KindlingError("KINDLING_PRODUCTS is \"\(value)\"; it can be own or openblas.")
  }
}
