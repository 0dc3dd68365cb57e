/// A block of memory on a device, shared by every tensor that is a view of it.
package final class Storage {
  /// Where the block lies, in the device's own address space.
  package let pointer: UnsafeMutableRawPointer
  package let byteCount: Int
  /// Backends live as long as the program, so a tensor need not count references to its own.
  package unowned(unsafe) let backend: any Backend
  /// How often the block has been written in place. A recorded operation notes the version it read; another one at
  /// `backward()` means that the value it needs is gone.
  @exclusivity(unchecked) package var version: UInt32 = 0
  /// How many of those writes were recorded: after one, the history of views opened before it is wrong.
  @exclusivity(unchecked) var recordedWrites: UInt32 = 0

  init(byteCount: Int, backend: any Backend) {
    pointer = backend.allocate(byteCount: byteCount)
    self.byteCount = byteCount
    self.backend = backend
  }

  deinit { backend.deallocate(pointer, byteCount: byteCount) }
}
