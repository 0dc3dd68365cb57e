import Kindling

/// What a shape must be like.
enum Wish {
  case any
  case ranks(ClosedRange<Int>)
  case exactly([Int])
  /// All sizes but one.
  case exactlyBut(Int, [Int])
  case broadcastsTo([Int])
  case broadcastsWith([Int])

  static func rank(_ least: Int) -> Wish { .ranks(least...5) }

  func allows(_ shape: [Int]) -> Bool {
    switch self {
    case .any: true
    case .ranks(let range): range.contains(shape.count)
    case .exactly(let wanted): shape == wanted
    case .exactlyBut(let d, let wanted): shape.count == wanted.count && shape.removing(d) == wanted.removing(d)
    case .broadcastsTo(let target): broadcasts(shape, to: target)
    case .broadcastsWith(let other): broadcast(shape, other).map { $0.reduce(1, *) <= Chooser.most } ?? false
    }
  }
}

/// Draws a program statement by statement. An operand is a value that is there, or, where none fits or chance has it, a new
/// input.
struct Chooser {
  /// The most elements a value should have.
  static let most = 4096

  var random: SplitMix
  var program: Program
  var analysis = Analysis()
  /// The program's sizes: few, so that shapes fit each other often.
  let sizes: [Int]
  let floats: [DType]
  /// What else there is among the inputs' numbers.
  let extras: Extras
  /// Whether shapes, dimensions and indices are drawn without a look at what fits.
  var isWild = false

  enum Extras {
    case none
    /// Infinities, NaN, zeros of both signs, and equal numbers.
    case special
    /// Numbers near the ends of their type.
    case extreme
  }

  init(seed: UInt64) {
    random = SplitMix(seed: seed)
    program = Program(seed: seed)
    var sizes: [Int] = []
    for _ in 0..<3 { sizes.append(random.element([1, 2, 2, 3, 3, 4, 5])) }
    if random.chance(0.08) { sizes[0] = random.element([8, 9, 16, 17, 31, 33, 64, 65, 100, 257]) }
    if random.chance(0.08) { sizes[1] = 0 }
    self.sizes = sizes
    floats = random.element([
      [.float32], [.float32], [.float32], [.float64], [.float64], [.float64], [.float32, .float64],
    ])
    extras = random.element([.special, .special, .extreme] + Array(repeating: .none, count: 12))
  }

  // MARK: What is there

  func type(_ id: Int) -> Type { analysis.variables[id]!.type }
  func shape(_ id: Int) -> [Int] { type(id).shape }

  /// A value of some type and shape.
  mutating func operand(_ kind: Kind, _ wish: Wish = .any) -> Int {
    let wish = isWild && random.chance(0.7) ? .any : wish
    let dtype = draw(kind)
    let fitting = program.ids.filter {
      guard let type = analysis.variables[$0]?.type else { return false }
      return kind.contains(type.dtype) && type.dtype.rung == dtype.rung && wish.allows(type.shape)
    }
    if fitting.isEmpty || random.chance(0.2) { return input(kind.contains(dtype) ? dtype : draw(kind), draw(wish)) }
    // The latest ones more often than others.
    return fitting[max(random.integer(0...(fitting.count - 1)), random.integer(0...(fitting.count - 1)))]
  }

  /// A value to be written.
  mutating func target(_ kind: Kind, _ wish: Wish = .any) -> Int { operand(kind, wish) }

  private mutating func draw(_ kind: Kind) -> DType {
    var dtypes = floats.filter { kind.contains($0) }
    let others = [DType.int64, .bool].filter { kind.contains($0) }
    if dtypes.isEmpty && others.isEmpty { dtypes = DType.allCases.filter { kind.contains($0) } }
    if !others.isEmpty && (dtypes.isEmpty || random.chance(0.15)) { return random.element(others) }
    return random.element(dtypes)
  }

  // MARK: Shapes

  mutating func size() -> Int { random.element(sizes) }

  mutating func someShape(_ ranks: ClosedRange<Int>) -> [Int] {
    let rank = min(max(random.element([0, 1, 1, 2, 2, 2, 2, 3, 3, 4]), ranks.lowerBound), ranks.upperBound)
    return limited((0..<rank).map { _ in random.element(sizes) })
  }

  /// The shape with its largest sizes replaced by 2 until it is small enough.
  private func limited(_ shape: [Int]) -> [Int] {
    var shape = shape
    while shape.reduce(1, *) > Chooser.most { shape[shape.firstIndex(of: shape.max()!)!] = 2 }
    return shape
  }

  private mutating func draw(_ wish: Wish) -> [Int] {
    switch wish {
    case .any: return someShape(0...4)
    case .ranks(let range): return someShape(range)
    case .exactly(let shape): return shape
    case .exactlyBut(let d, let shape): return shape.isEmpty ? [] : limited(shape.replacing(d, with: size()))
    case .broadcastsTo(let shape): return shrunk(shape)
    case .broadcastsWith(let shape):
      let wider = shape.map { $0 == 1 && random.chance(0.5) ? size() : $0 }
      let longer = shape.count < 4 && random.chance(0.15) ? [size()] + wider : wider
      return longer.reduce(1, *) > Chooser.most ? shape : shrunk(longer)
    }
  }

  /// A shape that broadcasts to this one.
  private mutating func shrunk(_ shape: [Int]) -> [Int] {
    if random.chance(0.4) { return shape }
    return shape.dropFirst(random.integer(0...shape.count)).map { random.chance(0.3) ? 1 : $0 }
  }

  /// A shape no dimension of which is larger, but perhaps one.
  mutating func within(_ shape: [Int], except d: Int) -> [Int] {
    shape.indices.map { $0 == d || random.chance(0.7) ? shape[$0] : min(shape[$0], random.integer(1...3)) }
  }

  /// The leading dimensions of the second operand of a product: as they are, or broadcast to them.
  mutating func prefix(_ shape: [Int], for exact: Bool) -> [Int] {
    exact ? shape : shape.map { random.chance(0.3) ? 1 : $0 }
  }

  // MARK: Dimensions and places

  mutating func dim(_ rank: Int) -> Int {
    if isWild && random.chance(0.5) { return random.integer(-5...5) }
    let d = random.integer(0...max(rank - 1, 0))
    return random.chance(0.3) ? d - max(rank, 1) : d
  }
  mutating func dim(of id: Int) -> Int { dim(shape(id).count) }

  /// Some dimensions, at least one.
  mutating func dims(rank: Int) -> [Int] {
    if isWild && random.chance(0.5) { return [random.integer(-4...4), random.integer(-4...4)] }
    if rank == 0 { return [0] }
    return random.permutation(rank).prefix(random.integer(1...rank)).map { random.chance(0.3) ? $0 - rank : $0 }
  }
  mutating func dims(of id: Int) -> [Int] { dims(rank: shape(id).count) }

  /// All dimensions, in another order.
  mutating func order(_ rank: Int) -> [Int] {
    let rank = isWild && random.chance(0.5) ? max(0, rank + random.integer(-1...1)) : rank
    return random.permutation(rank).map { random.chance(0.2) ? $0 - rank : $0 }
  }

  /// One of so many places, perhaps counted from the end. (Of none there is none, and the statement will be refused.)
  mutating func index(_ size: Int) -> Int {
    if isWild && random.chance(0.5) { return random.integer(-6...6) }
    let i = random.integer(0...max(size - 1, 0))
    return random.chance(0.3) && size > 0 ? i - size : i
  }

  /// A dimension, a first place in it, and a number of places.
  mutating func stretch(_ shape: [Int], dim: Int? = nil) -> [Int] {
    let d = dim ?? random.integer(0...max(shape.count - 1, 0))
    let size = d < shape.count ? shape[d] : 1
    let start = random.integer(0...size)
    let count = random.integer(0...(size - start)) + (isWild ? random.integer(0...2) : 0)
    // A range has its end in the place of the number.
    if dim != nil { return [d, start, start + count] }
    return [d, random.chance(0.2) && start < size ? start - size : start, count]
  }

  /// Another shape for as many elements, one size perhaps left open.
  mutating func otherShape(_ shape: [Int]) -> [Int] {
    var factors = shape.filter { $0 > 1 }
    if shape.contains(0) { factors = [0] + factors }
    var sizes: [Int] = factors
    switch random.integer(0...3) {
    case 0: sizes = [factors.reduce(1, *)]
    case 1 where factors.count > 1: sizes = [factors[0] * factors[1]] + factors.dropFirst(2)
    case 2 where !factors.isEmpty && factors[0] % 2 == 0 && factors[0] > 2:
      sizes = [2, factors[0] / 2] + factors.dropFirst()
    default: sizes = Array(factors.reversed())
    }
    if sizes.count < 4 && random.chance(0.3) { sizes.insert(1, at: random.integer(0...sizes.count)) }
    if !sizes.isEmpty && !sizes.contains(0) && random.chance(0.3) { sizes[random.integer(0...(sizes.count - 1))] = -1 }
    if isWild && !sizes.isEmpty && random.chance(0.7) { sizes[0] += 1 }
    return sizes
  }

  /// Sizes to expand a shape to.
  mutating func expansion(_ shape: [Int]) -> [Int] {
    var sizes = shape.map { $0 == 1 && random.chance(0.7) ? size() : $0 }
    let kept = sizes
    for i in sizes.indices where kept[i] == shape[i] && random.chance(0.2) { sizes[i] = -1 }
    if sizes.count < 4 && random.chance(0.4) { sizes.insert(size(), at: 0) }
    if isWild && !sizes.isEmpty { sizes[random.integer(0...(sizes.count - 1))] += 1 }
    return sizes.map { max($0, 1) }.reduce(1, *) > Chooser.most ? shape : sizes
  }

  /// A number to compute with.
  mutating func real() -> Double {
    if extras == .special && random.chance(0.15) { return random.element([0, -0.0, .infinity, -.infinity, .nan]) }
    return random.element([-2.5, -1, -0.5, -0.25, 0.25, 0.5, 0.75, 1.5, 2, 3])
  }
}
