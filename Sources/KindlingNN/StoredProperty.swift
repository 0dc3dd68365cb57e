/// A stored property as a class declares it.
struct StoredProperty {
  let name: String
  let type: Any.Type
  /// False for a weak or an unowned one.
  let isStrong: Bool

  /// Those of a class and its superclasses.
  static func all(of type: Any.Type) -> [StoredProperty] {
    (0..<fieldCount(of: type)).map { i in
      var field = RuntimeField()
      let fieldType = self.field(of: type, i, &field)
      defer { field.free?(field.name) }
      return StoredProperty(
        name: field.name.map { String(cString: $0) } ?? "", type: fieldType, isStrong: field.isStrong)
    }
  }
}

// What `Mirror` is made of: two functions of Swift's runtime library. They are asked directly since `Mirror` hides
// whether a property is strong. (Swift 5.2 to 6.3 have them, in stdlib/public/core/ReflectionMirror.swift.)

private struct RuntimeField {
  var name: UnsafePointer<CChar>?
  var free: (@convention(c) (UnsafePointer<CChar>?) -> Void)?
  var isStrong = false
  var isVar = false
}

@_silgen_name("swift_reflectionMirror_recursiveCount")
private func fieldCount(of type: Any.Type) -> Int

@_silgen_name("swift_reflectionMirror_recursiveChildMetadata")
private func fieldMetadata(of type: Any.Type, _ index: Int, _ field: UnsafeMutableRawPointer) -> Any.Type

extension StoredProperty {
  private static func field(of type: Any.Type, _ index: Int, _ field: inout RuntimeField) -> Any.Type {
    withUnsafeMutableBytes(of: &field) { fieldMetadata(of: type, index, $0.baseAddress!) }
  }
}
