import COpenBLAS
import Dispatch
import Kernels

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

// The floor: what a piece of work costs where nothing is around it, bare products and passes over memory.

/// Memory in which every page is there already. Threads that share one keep to parts of their own.
final class Block: @unchecked Sendable {
  let pointer: UnsafeMutableRawPointer
  let byteCount: Int

  init(byteCount: Int) {
    self.byteCount = byteCount
    pointer = KindlingAllocate(byteCount)!
    memset(pointer, 0, byteCount)
  }

  /// Small numbers of both signs: zeros would do for the time, but not where a processor is quicker with them.
  convenience init<T: BinaryFloatingPoint>(_ count: Int, of type: T.Type) {
    self.init(byteCount: count * MemoryLayout<T>.stride)
    let numbers = pointer.bindMemory(to: T.self, capacity: count)
    for i in 0..<count { numbers[i] = T(i % 13 - 6) / 8 }
  }

  deinit { KindlingDeallocate(pointer, byteCount) }
}

/// A pass over memory: so many bytes read, so many written.
struct MemoryPass {
  let bytesRead: Int
  let bytesWritten: Int
  /// The most that is copied at once. A long memcpy goes past the caches, which costs four times as much where they would
  /// have held it all, and is the quicker way where they would not.
  var piece = Int.max

  /// The pass, divided among threads where it is long enough for that.
  func call(threads: Int) -> Work.Call { bytesWritten == 0 ? reading(threads) : copying(threads) }

  /// Where something is written, a copy that moves as many bytes in all.
  private func copying(_ threads: Int) -> Work.Call {
    let count = (bytesRead + bytesWritten) / 2
    let (source, target, piece) = (Block(byteCount: count), Block(byteCount: count), piece)
    return {
      MemoryPass.divided(count, threads) { start, count in
        var done = 0
        while done < count {
          let next = min(piece, count - done)
          memcpy(target.pointer + start + done, source.pointer + start + done, next)
          done += next
        }
      }
    }
  }

  private func reading(_ threads: Int) -> Work.Call {
    let source = Block(byteCount: bytesRead)
    // One place for each thread, a cache line apart. Something has to be done with the sums, or they are not formed.
    let (sums, total) = (Block(byteCount: 64 * threads), bytesRead)
    return {
      MemoryPass.divided(total, threads) { start, count in
        let sum = MemoryPass.sum(source.pointer + start, count)
        (sums.pointer + start * threads / (total + 1) * 64).storeBytes(of: sum, as: UInt32.self)
      }
    }
  }

  private static func divided(
    _ count: Int, _ threads: Int, _ part: @Sendable (_ start: Int, _ count: Int) -> Void
  ) {
    // Below a megabyte the threads would wake up later than one alone is done.
    if threads == 1 || count < 1 << 20 { return part(0, count) }
    let step = (count / threads + 63) / 64 * 64
    DispatchQueue.concurrentPerform(iterations: threads) { part($0 * step, min(step, count - $0 * step)) }
  }

  private static func sum(_ bytes: UnsafeRawPointer, _ count: Int) -> UInt32 {
    // Four chains of additions, so that none waits for the one before.
    var sums = (SIMD16<UInt32>.zero, SIMD16<UInt32>.zero, SIMD16<UInt32>.zero, SIMD16<UInt32>.zero)
    var i = 0
    while i + 256 <= count {
      sums.0 &+= bytes.loadUnaligned(fromByteOffset: i, as: SIMD16<UInt32>.self)
      sums.1 &+= bytes.loadUnaligned(fromByteOffset: i + 64, as: SIMD16<UInt32>.self)
      sums.2 &+= bytes.loadUnaligned(fromByteOffset: i + 128, as: SIMD16<UInt32>.self)
      sums.3 &+= bytes.loadUnaligned(fromByteOffset: i + 192, as: SIMD16<UInt32>.self)
      i += 256
    }
    return (sums.0 &+ sums.1 &+ sums.2 &+ sums.3).wrappedSum()
  }
}

/// A matrix product, x (m × k) times y (k × n), either of them perhaps a transposed view.
struct Product {
  let m, n, k: Int
  var transposedX = false
  var transposedY = false
  var isDouble = false

  /// OpenBLAS called directly.
  func openBLAS() -> Work.Call { isDouble ? openBLAS(Double.self) : openBLAS(Float.self) }

  private func openBLAS<T: BinaryFloatingPoint>(_ type: T.Type) -> Work.Call {
    let (x, y) = (Block(m * k, of: T.self), Block(k * n, of: T.self))
    let out = Block(m * n, of: T.self)
    let (transX, transY) = (transposedX ? CblasTrans : CblasNoTrans, transposedY ? CblasTrans : CblasNoTrans)
    let sizes = (m: blasint(m), n: blasint(n), k: blasint(k))
    let (stepX, stepY) = (transposedX ? sizes.m : sizes.k, transposedY ? sizes.k : sizes.n)
    if T.self == Double.self {
      return {
        cblas_dgemm(
          CblasRowMajor, transX, transY, sizes.m, sizes.n, sizes.k, 1, x.pointer.assumingMemoryBound(to: Double.self),
          stepX, y.pointer.assumingMemoryBound(to: Double.self), stepY, 0,
          out.pointer.assumingMemoryBound(to: Double.self), sizes.n)
      }
    }
    return {
      cblas_sgemm(
        CblasRowMajor, transX, transY, sizes.m, sizes.n, sizes.k, 1, x.pointer.assumingMemoryBound(to: Float.self),
        stepX, y.pointer.assumingMemoryBound(to: Float.self), stepY, 0,
        out.pointer.assumingMemoryBound(to: Float.self), sizes.n)
    }
  }

  /// What an operation calls: our own product, or OpenBLAS's, divided among the threads of our pool.
  func divided() -> Work.Call { isDouble ? divided(.float64, Double.self) : divided(.float32, Float.self) }

  private func divided<T: BinaryFloatingPoint>(_ kernelType: KernelType, _ type: T.Type) -> Work.Call {
    let (x, y) = (Block(m * k, of: T.self), Block(k * n, of: T.self))
    let out = Block(m * n, of: T.self)
    func matrix(_ block: Block, _ rows: Int, _ columns: Int, _ transposed: Bool) -> KernelMatrix {
      KernelMatrix(
        data: block.pointer, rowStride: Int64(transposed ? 1 : columns), columnStride: Int64(transposed ? rows : 1),
        batchStride: 0)
    }
    let matrices = (matrix(x, m, k, transposedX), matrix(y, k, n, transposedY), matrix(out, m, n, false))
    let (m, n, k) = (Int64(m), Int64(n), Int64(k))
    return {
      withExtendedLifetime((x, y, out)) {
        KindlingMatmul(kernelType, 1, m, n, k, matrices.0, matrices.1, nil, matrices.2)
      }
    }
  }
}

/// Products one after another, and a pass over memory.
struct Floor {
  var products: [Product]
  var pass: MemoryPass?

  /// OpenBLAS with threads of its own, and our own products, or OpenBLAS's divided among our threads: small products suit the
  /// one, large ones the other. The quicker counts.
  var calls: [(_ threads: Int) -> Work.Call] {
    let passing = { (threads: Int) -> Work.Call in pass?.call(threads: threads) ?? {} }
    if let pass, products.isEmpty {
      // The two are the same where one piece is all.
      let pieces = MemoryPass(bytesRead: pass.bytesRead, bytesWritten: pass.bytesWritten, piece: 1 << 20)
      return pass.bytesWritten > 1 << 20 ? [passing, pieces.call] : [passing]
    }
    return [
      { threads in
        openblas_set_num_threads(Int32(threads))
        let (calls, pass) = (products.map { $0.openBLAS() }, passing(threads))
        return { Floor.run(calls, pass) }
      },
      { threads in
        // The first product sets OpenBLAS to one thread, but only the first.
        openblas_set_num_threads(1)
        let (calls, pass) = (products.map { $0.divided() }, passing(threads))
        return { Floor.run(calls, pass) }
      },
    ]
  }

  private static func run(_ products: [Work.Call], _ pass: Work.Call) {
    for product in products { product() }
    pass()
  }
}
