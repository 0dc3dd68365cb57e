#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// `value` by a format of C's, such as `%.*f`, to `precision` digits. C's rounding is Python's: to the nearest of the
/// exact binary value.
package func printed(_ format: String, _ value: Double, _ precision: Int) -> String {
  withVaList([Int32(precision), value]) { arguments in
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 400 + precision) { buffer in
      _ = vsnprintf(buffer.baseAddress!, buffer.count, format, arguments)
      return String(cString: buffer.baseAddress!)
    }
  }
}
