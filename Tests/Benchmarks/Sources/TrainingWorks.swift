import Kernels
import Kindling
import KindlingNN
import KindlingOptim

// The lessons, and what they are made of: products, optimizers, networks, whole programs.

extension Work {
  /// The lessons' own programs, by what they record of themselves.
  static func lessons() -> [Work] {
    ["article", "digits"].flatMap { problem in
      (1...5).flatMap { lesson in
        let name = "lesson \(lesson) step, \(problem)"
        // What the compilers of both make of a lesson's loop is measured of the one that has the fewest operations.
        let compiled: [(name: String, peer: Work.Peer)] =
          lesson == 3 ? [(name + ", compiled", .torch), (name + ", jit", .jax)] : []
        return ([(name, lesson == 1 ? .numPy : .torch)] + compiled).map { name, peer in
          Work(
            name: name, peer: peer, ours: .step(lesson: lesson, problem: problem),
            floors: stepFloor(lesson, problem).calls, floorCalls: 500, goal: Goal(1, 0.8), floorGoal: Goal(1.10, 1.15))
        }
      }
    }
  }

  /// The five products of a step, and the pass over the parameters that updates them.
  private static func stepFloor(_ lesson: Int, _ problem: String) -> Floor {
    let usesModules = problem == "article" && lesson >= 4
    let (samples, inputs) = problem == "digits" ? (1797, 64) : (64, usesModules ? 1000 : 784)
    let (hidden, outputs, isDouble) = (100, 10, lesson == 1)
    // A Linear layer keeps its weight as [out, in], and multiplies by its transpose.
    let turned = lesson >= 4
    let products = [
      Product(m: samples, n: hidden, k: inputs, transposedY: turned, isDouble: isDouble),
      Product(m: samples, n: outputs, k: hidden, transposedY: turned, isDouble: isDouble),
      Product(m: hidden, n: outputs, k: samples, transposedX: true, isDouble: isDouble),
      Product(m: samples, n: hidden, k: outputs, transposedY: !turned, isDouble: isDouble),
      Product(m: inputs, n: hidden, k: samples, transposedX: true, isDouble: isDouble),
    ]
    let parameters = inputs * hidden + hidden * outputs + (usesModules ? hidden + outputs : 0)
    return Floor(
      products: products, pass: update(parameters, adam: lesson == 5 && usesModules, byteCount: isDouble ? 8 : 4))
  }

  /// An update reads parameter and gradient and writes the parameter; Adam does so with two averages as well.
  private static func update(_ parameters: Int, adam: Bool, byteCount: Int = 4) -> MemoryPass {
    let bytes = parameters * byteCount
    return MemoryPass(bytesRead: bytes * (adam ? 4 : 2), bytesWritten: bytes * (adam ? 3 : 1))
  }

  // MARK: Products

  /// The products of the lessons' steps, and square ones.
  static func products() -> [Work] {
    let products = [
      Product(m: 64, n: 100, k: 784), Product(m: 64, n: 10, k: 100), Product(m: 100, n: 10, k: 64, transposedX: true),
      Product(m: 64, n: 100, k: 10, transposedY: true), Product(m: 784, n: 100, k: 64, transposedX: true),
      Product(m: 64, n: 100, k: 1000, transposedY: true), Product(m: 1797, n: 100, k: 64),
      Product(m: 64, n: 100, k: 1797, transposedX: true), Product(m: 512, n: 512, k: 512),
      Product(m: 1024, n: 1024, k: 1024), Product(m: 2048, n: 2048, k: 2048),
    ]
    return products.map { product in
      let (m, n, k) = (product.m, product.n, product.k)
      let x = product.transposedX ? "(\(k)x\(m))T" : "\(m)x\(k)"
      let y = product.transposedY ? "(\(n)x\(k))T" : "\(k)x\(n)"
      return Work(
        name: "product \(x) by \(y)", peer: .torch,
        ours: .call {
          let x = product.transposedX ? Tensor.randn(k, m).t() : Tensor.randn(m, k)
          let y = product.transposedY ? Tensor.randn(n, k).t() : Tensor.randn(k, n)
          return { _ = x.mm(y) }
        }, floors: Floor(products: [product]).calls, goal: Goal(1, 1))
    }
  }

  // MARK: Training

  /// One step of Adam over one parameter of so many elements.
  static func optimizers() -> [Work] {
    [("10^5", 100_000), ("10^7", 10_000_000)].map { name, count in
      Work(
        name: "Adam step \(name)", peer: .torch,
        ours: .call {
          let parameter = Tensor.randn([count], requiresGrad: true)
          parameter.grad = Tensor.randn([count])
          let optimizer = Adam([parameter], learningRate: 1e-4)
          return { optimizer.step() }
        }, floors: Floor(products: [], pass: update(count, adam: true)).calls, goal: Goal(0.5, 0.6))
    }
  }

  /// A training step of a network of three layers, with cross entropy and plain gradient descent.
  static func networks() -> [Work] {
    let (batch, sizes) = (128, [784, 512, 512, 10])
    let pairs = Array(zip(sizes, sizes.dropFirst()))
    var products: [Product] = []
    for (layer, (inputs, outputs)) in pairs.enumerated() {
      products.append(Product(m: batch, n: outputs, k: inputs, transposedY: true))
      products.append(Product(m: inputs, n: outputs, k: batch, transposedX: true))
      // Nobody asks for the gradient of the data.
      if layer > 0 { products.append(Product(m: batch, n: inputs, k: outputs)) }
    }
    let parameters = pairs.reduce(0) { $0 + $1.0 * $1.1 + $1.1 }
    return [
      Work(
        name: "MLP 784-512-512-10 step", peer: .torch, ours: .call { networkStep() },
        floors: Floor(products: products, pass: update(parameters, adam: false)).calls, goal: Goal(0.8, 0.8))
    ]
  }

  static func networkStep() -> Call {
    let (x, labels) = (Tensor.randn(128, 784), Tensor.randint(0, 10, [128]))
    let model = Sequential(Linear(784, 512), ReLU(), Linear(512, 512), ReLU(), Linear(512, 10))
    let lossFunction = CrossEntropyLoss()
    let optimizer = SGD(model.parameters(), learningRate: 1e-4)
    return {
      let loss = lossFunction(model(x), labels)
      optimizer.zeroGrad()
      loss.backward()
      optimizer.step()
    }
  }

  /// A step of Lessons/GPT with its default sizes, beside the same program in PyTorch, and that through torch.compile.
  static func gpt() -> [Work] {
    let (layers, width, characters, tokens) = (4, 64, 27, 32 * 16)
    // Each linear layer multiplies once forward, and on the way back once for its input and once for its weight.
    func linear(_ inputs: Int, _ outputs: Int) -> [Product] {
      [
        Product(m: tokens, n: outputs, k: inputs, transposedY: true), Product(m: tokens, n: inputs, k: outputs),
        Product(m: outputs, n: inputs, k: tokens, transposedX: true),
      ]
    }
    let block = [(width, 3 * width), (width, width), (width, 4 * width), (4 * width, width)].flatMap(linear)
    let products = Array(repeatElement(block, count: layers).joined()) + linear(width, characters)
    let floors = Floor(products: products, pass: update(202_816, adam: true)).calls
    return [("", Goal(0.5, 0.5)), (", compiled", Goal(0.8, 0.8))].map { suffix, goal in
      Work(name: "GPT step" + suffix, peer: .torch, ours: .gptStep, floors: floors, floorCalls: 20, goal: goal)
    }
  }

  /// Whole programs: what a learner waits for, and what it takes of the machine.
  static func programs() -> [Work] {
    [1, 3, 5].flatMap { lesson in
      let peer = lesson == 1 ? Peer.numPy : .torch
      return [
        Work(name: "lesson \(lesson), peak memory", peer: peer, ours: .memory(lesson: lesson), goal: Goal(0.25, 0.25)),
        Work(
          name: "lesson \(lesson), start to first loss", peer: peer, ours: .start(lesson: lesson),
          goal: Goal(0.05, 0.05)),
      ]
    }
  }
}
