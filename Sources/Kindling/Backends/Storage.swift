/// A block of memory on a device, shared by every tensor that is a view of it.
///
/// A backend can keep the elements of a small tensor in the object itself, behind the header.
package final class Storage: ManagedBuffer<Storage.Header, UInt64> {
  package struct Header {
    fileprivate(set) var pointer: UnsafeMutableRawPointer
    let byteCount: Int
    let isInObject: Bool
    var version: UInt32 = 0
    /// Backends live as long as the program, so a tensor need not count references to its own.
    unowned(unsafe) fileprivate(set) var backend: any Backend
  }

  /// Memory for the elements of a tensor. Ends the program where there is no room for them.
  static func make(_ layout: Layout, _ dtype: DType, _ backend: any Backend) -> Storage {
    let (byteCount, isTooLarge) = layout.elementCount.multipliedReportingOverflow(by: dtype.byteCount)
    if isTooLarge { Shape.failForMemory(layout.shape, dtype) }
    do {
      return try backend.allocate(byteCount: byteCount)
    } catch {
      Shape.failForMemory(layout.shape, dtype, error, on: backend.device)
    }
  }

  /// Over memory that the backend has got, and takes back.
  static func at(_ pointer: UnsafeMutableRawPointer, byteCount: Int, _ backend: any Backend) -> Storage {
    let made = Storage.create(minimumCapacity: 0) { _ in
      Header(pointer: pointer, byteCount: byteCount, isInObject: false, backend: backend)
    }
    return unsafeDowncast(made, to: Storage.self)
  }

  /// With the elements in the object itself, for a backend that works on this machine's memory.
  static func inObject(byteCount: Int, _ backend: any Backend) -> Storage {
    let made = Storage.create(minimumCapacity: (byteCount + 7) / 8) { buffer in
      Header(
        pointer: UnsafeMutableRawPointer(buffer.withUnsafeMutablePointerToElements { $0 }), byteCount: byteCount,
        isInObject: true, backend: backend)
    }
    return unsafeDowncast(made, to: Storage.self)
  }

  deinit {
    if !fields.pointee.isInObject {
      fields.pointee.backend.deallocate(fields.pointee.pointer, byteCount: fields.pointee.byteCount)
    }
  }

  /// The header, read without a check for overlapping access (see `Tensor`).
  private var fields: UnsafeMutablePointer<Header> {
    @inline(__always) get { withUnsafeMutablePointerToHeader { $0 } }
  }

  /// Where the block lies, in the device's own address space.
  package var pointer: UnsafeMutableRawPointer { fields.pointee.pointer }
  package var byteCount: Int { fields.pointee.byteCount }
  package var backend: any Backend {
    @inline(__always) get { fields.pointee.backend }
    set { fields.pointee.backend = newValue }
  }

  /// How often the block has been written in place. A recorded operation notes the version it read; another one at
  /// `backward()` means that the value it needs is gone.
  package var version: UInt32 {
    get { fields.pointee.version }
    set { fields.pointee.version = newValue }
  }
}
