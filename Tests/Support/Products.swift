import Kindling
import Testing

/// Who multiplies the matrices of this run of the tests, as `KINDLING_PRODUCTS` says.
package enum Products {
  /// Tests of bits that only our own products have are enabled by this.
  package static let areOurs = MatrixProducts.current == .own
  package static let notOurs: Comment =
    "KINDLING_PRODUCTS=openblas: in which order OpenBLAS adds up depends on the sizes and layouts of both matrices"
}
