/// Where the axis of each item of a layout stands: near what it is linked to, chains straight, nothing on top of another.
struct GraphColumns {
  /// The axis of each item; the furthest left begins at 0.
  private(set) var x: [Double]
  private let rows: GraphRows
  /// For each vertex, how many operations stand above it on the longest way.
  private let depth: [Int]
  private var place: [Int]

  init(_ rows: GraphRows) {
    self.rows = rows
    depth = GraphColumns.depth(rows)
    x = Array(repeating: 0, count: rows.items.count)
    place = x.map { _ in 0 }
    for row in rows.rows {
      pack(row)
      for (index, item) in row.enumerated() { place[item] = index }
    }
    for _ in 0..<8 {
      for row in rows.rows.reversed() { settle(row, to: rows.lower) }
      for row in rows.rows { settle(row, to: rows.upper) }
    }
    straighten()
    x = x.map { $0.rounded() }
    let left = rows.rows.compactMap(\.first).map { x[$0] - rows.items[$0].left }.min()!
    x = x.map { $0 - left }
  }

  private static func depth(_ rows: GraphRows) -> [Int] {
    var depth = rows.items.map { $0.source == nil ? 0 : -1 }
    // From above to below. The end of a line stands one deeper than where the line comes from.
    for row in rows.rows {
      for item in row {
        for other in rows.upper[item] where rows.items[item].source == nil {
          depth[item] = max(depth[item], depth[rows.items[other].source!] + 1)
        }
      }
    }
    return depth
  }

  /// How much two linked items care to stand straight above one another.
  ///
  /// What the eye follows is the longest chain of operations. What joins it stands aside, and a line that passes boxes goes
  /// around them.
  private func weight(_ above: Int, _ below: Int) -> Double {
    guard let source = rows.items[above].source else {
      // A vertex and the beginning of a line: as much as the line cares for a reader.
      return rows.lower[below].reduce(0.05) { max($0, rows.items[$1].source == nil ? weight(below, $1) : 0) }
    }
    if rows.items[below].source != nil { return 0.05 }
    if depth[source] + 1 < depth[below] { return 0.01 }
    return rows.items[above].row == rows.items[source].row + 1 ? 1 : 0.05
  }

  private mutating func pack(_ row: [Int]) {
    for (left, right) in zip(row, row.dropFirst()) { x[right] = x[left] + rows.distance(left, right) }
    let middle = row.last.map { x[$0] / 2 } ?? 0
    for item in row { x[item] -= middle }
  }

  /// Of the neighbours those that weigh most.
  private func main(_ item: Int, _ neighbours: [Int]) -> (members: [Int], weight: Double) {
    var (members, most) = ([Int](), 0.0)
    for other in neighbours {
      let isBelow = rows.items[other].row > rows.items[item].row
      let weight = isBelow ? weight(item, other) : weight(other, item)
      if weight > most { (members, most) = ([], weight) }
      if weight == most { members.append(other) }
    }
    return (members, most)
  }

  /// Moves the items of a row to the middle of their main neighbours, as near as the distances between them allow.
  ///
  /// Least squares under fixed distances is isotonic regression once the distances are subtracted; pooling adjacent
  /// violators solves it exactly.
  private mutating func settle(_ row: [Int], to neighbours: [[Int]]) {
    var pools: [(mean: Double, weight: Double, count: Int)] = []
    var offsets = [0.0]
    for (left, right) in zip(row, row.dropFirst()) { offsets.append(offsets.last! + rows.distance(left, right)) }
    for (index, item) in row.enumerated() {
      let (members, weight) = main(item, neighbours[item])
      let wish = members.isEmpty ? x[item] : members.reduce(0) { $0 + x[$1] } / Double(members.count)
      var pool = (mean: wish - offsets[index], weight: max(weight, 0.001), count: 1)
      while let last = pools.last, last.mean > pool.mean {
        let weight = last.weight + pool.weight
        pool = ((last.mean * last.weight + pool.mean * pool.weight) / weight, weight, last.count + pool.count)
        pools.removeLast()
      }
      pools.append(pool)
    }
    var index = 0
    for pool in pools {
      for _ in 0..<pool.count {
        x[row[index]] = pool.mean + offsets[index]
        index += 1
      }
    }
  }

  // MARK: Straight chains

  /// Gives all items of a chain one axis: the mean of theirs, as near as the chains beside it allow.
  ///
  /// Once the chains are pushed to the right of what stands left of them, once the other way round. Both are allowed, and
  /// so is what lies in the middle between them.
  private mutating func straighten() {
    let (chain, count) = chains()
    var (wish, length) = ([Double](repeating: 0, count: count), [Double](repeating: 0, count: count))
    for (item, chain) in chain.enumerated() {
      wish[chain] += x[item]
      length[chain] += 1
    }
    for chain in wish.indices { wish[chain] /= length[chain] }
    var beside: [[(chain: Int, distance: Double)]] = Array(repeating: [], count: count)
    for row in rows.rows {
      for (left, right) in zip(row, row.dropFirst()) {
        beside[chain[left]].append((chain[right], rows.distance(left, right)))
      }
    }
    let order = GraphColumns.order(beside)
    var (right, left) = (wish, wish)
    for chain in order {
      for other in beside[chain] { right[other.chain] = max(right[other.chain], right[chain] + other.distance) }
    }
    for chain in order.reversed() {
      for other in beside[chain] { left[chain] = min(left[chain], left[other.chain] - other.distance) }
    }
    for (item, chain) in chain.enumerated() { x[item] = (left[chain] + right[chain]) / 2 }
    var members: [[Int]] = Array(repeating: [], count: count)
    for row in rows.rows { for item in row { members[chain[item]].append(item) } }
    for chains in [order, order.reversed()] { for chain in chains { gather(members[chain]) } }
  }

  /// Moves a chain that stands aside towards what it leads to.
  private mutating func gather(_ chain: [Int]) {
    let last = chain[chain.count - 1]
    let (readers, weight) = main(last, rows.lower[last])
    if readers.isEmpty || weight == 1 { return }
    let wish = readers.reduce(0) { $0 + x[$1] } / Double(readers.count)
    var (low, high) = (min(wish, x[last]), max(wish, x[last]))
    for item in chain {
      let (row, index) = (rows.rows[rows.items[item].row], place[item])
      if index > 0 { low = max(low, x[row[index - 1]] + rows.distance(row[index - 1], item)) }
      if index + 1 < row.count { high = min(high, x[row[index + 1]] - rows.distance(item, row[index + 1])) }
    }
    for item in chain { x[item] = wish < x[last] ? min(low, x[last]) : max(high, x[last]) }
  }

  /// The chain of each item, and how many there are. Links of chains cross no other, so that each chain stands on one side
  /// of any that it meets.
  private func chains() -> (chain: [Int], count: Int) {
    var (chain, count) = ([Int](repeating: -1, count: x.count), 0)
    for row in rows.rows {
      var last = -1
      for item in row {
        if chain[item] < 0 {
          chain[item] = count
          count += 1
        }
        guard let lower = below(item), place[lower] > last else { continue }
        last = place[lower]
        chain[lower] = chain[item]
      }
    }
    return (chain, count)
  }

  /// The chains, each after all that stand left of it.
  private static func order(_ beside: [[(chain: Int, distance: Double)]]) -> [Int] {
    var waiting = [Int](repeating: 0, count: beside.count)
    for others in beside { for other in others { waiting[other.chain] += 1 } }
    var order = waiting.indices.filter { waiting[$0] == 0 }
    var next = 0
    while next < order.count {
      for other in beside[order[next]] {
        waiting[other.chain] -= 1
        if waiting[other.chain] == 0 { order.append(other.chain) }
      }
      next += 1
    }
    return order
  }

  /// The item that continues the chain of `item` below it: each is the other's only main neighbour, or the middle one.
  private func below(_ item: Int) -> Int? {
    guard let lower = middle(main(item, rows.lower[item]).members) else { return nil }
    return middle(main(lower, rows.upper[lower]).members) == item ? lower : nil
  }

  private func middle(_ members: [Int]) -> Int? {
    members.count % 2 == 0 ? nil : members.sorted { place[$0] < place[$1] }[members.count / 2]
  }
}
