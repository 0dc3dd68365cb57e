/// The public operations without samples that could be compared, and why.
enum Uncovered {
  static let reasons: [String: String] = Dictionary(
    uniqueKeysWithValues: groups.flatMap { group in group.operations.map { ($0, group.reason) } })

  private static let groups: [(reason: String, operations: [String])] = [
    (
      "PyTorch's samples ask for no certain numbers; random.json has those of PyTorch's stream for a seed",
      [
        "rand(Shape)", "rand(Int...)", "randLike(Tensor)", "randn(Shape)", "randn(Int...)", "randnLike(Tensor)",
        "randint(Int, Int, Shape)", "randperm(Int)", "uniform_(from: Double, to: Double)",
        "normal_(mean: Double, std: Double)", "bernoulli_(Double)",
      ]
    ),
    (
      "PyTorch has no samples of its initialisers; initialisers.json has their numbers",
      [
        "Init.calculateGain(Nonlinearity, Double)", "Init.constant_(Tensor, Double)", "Init.eye_(Tensor)",
        "Init.ones_(Tensor)",
        "Init.zeros_(Tensor)", "Init.uniform_(Tensor, from: Double, to: Double)",
        "Init.normal_(Tensor, mean: Double, std: Double)",
        "Init.truncNormal_(Tensor, mean: Double, std: Double, a: Double, b: Double)",
        "Init.orthogonal_(Tensor, gain: Double)",
        "Init.xavierUniform_(Tensor, gain: Double)", "Init.xavierNormal_(Tensor, gain: Double)",
        "Init.kaimingUniform_(Tensor, a: Double, mode: FanMode, nonlinearity: Nonlinearity)",
        "Init.kaimingNormal_(Tensor, a: Double, mode: FanMode, nonlinearity: Nonlinearity)",
      ]
    ),
    (
      "PyTorch has no samples of it; OptimizerBehaviourTests clips gradients",
      [
        "clipGradNorm_([Tensor], maxNorm: Double, normType: Double, errorIfNonfinite: Bool)",
        "clipGradValue_([Tensor], Double)",
      ]
    ),
    ("PyTorch has no samples of it; LayerTests and ModuleTests use it", ["Flatten", "Identity", "Sequential"]),
    (
      "every sample's tensors are made with it, or read with it",
      ["init([S], shape: Shape)", "toArray()", "toArray(of: T.Type)"]
    ),
    (
      "how Swift's literals and numbers become tensors, which Python does through lists; TensorTests",
      [
        "init([S])", "init([[S]])", "init([[[S]]])", "subscript(Tensor) of a number",
        "subscript(some TensorIndex) of a number", "subscript(some TensorIndex, some TensorIndex) of a number",
        "subscript(some TensorIndex, some TensorIndex, some TensorIndex) of a number",
        "subscript(some TensorIndex, some TensorIndex, some TensorIndex, some TensorIndex) of a number",
        "subscript(some SubscriptIndex, repeat each Rest) of a number",
      ]
    ),
    (
      "PyTorch's samples index with one tensor; OperationTableIndexing has rows with several",
      ["subscript(some SubscriptIndex, repeat each Rest)"]
    ),
    ("PyTorch has no samples of it; assignment to a subscript copies through it", ["copy_(Tensor)"]),
    ("PyTorch's samples are of one device; the emulator's tensors are made with it", ["to(Device)"]),
    (
      "PyTorch's samples ask for no certain numbers; SortingTests has those of its stream, and how often each is drawn",
      ["bernoulli()", "multinomial(Int, replacement: Bool)"]
    ),
    ("its elements are left open", ["empty(Int...)", "empty(Shape)"]),
    ("it is transpose(_:_:) under another name", ["swapaxes(Int, Int)"]),
    ("it gives a number of the shape", ["size(Int)"]),
  ]
}
