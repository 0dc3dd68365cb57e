// What a page is made of, as JSON: Docs/15-contributing.md says where each part is drawn. Tensors are named by their place in
// `tensors`, operations by their place in their step.

/// All that a page shows of one run.
public struct PageData: Encodable {
  let format = 1
  /// The program's name.
  public var title: String
  /// What it is about.
  public var subtitle = ""
  /// How it was called.
  public var command = ""
  var files: [File] = []
  var loop: Loop?
  /// By the size of a dimension, the indices that are shown; nil for all.
  var kept: [String: [Int]?] = [:]
  var tensors: [TensorData] = []
  var steps: [StepData] = []
  /// How the training goes, step by step.
  public var health: Health?
  /// What a network that reads digits sees.
  public var digits: Digits?
  /// Where the time of a step goes.
  public var timeline: Timeline?
  /// Where tokens look.
  public let attention: Attention?

  struct File: Encodable {
    var name, text: String
    /// Whether it has been changed since the program was built.
    var isStale: Bool
  }

  /// The lines of the loop.
  struct Loop: Encodable { var file, first, last: Int }

  struct TensorData: Encodable {
    var shape: [Int]
    var dtype: String
    var name: String?
    /// Base64 of the elements: those at kept indices, and lines along one dimension, by its number.
    var parts: [String: String]
    var min, max, norm: Double?
    /// The share of elements that are 0.
    var zeros: Double
    /// How many elements are no finite numbers.
    var bad: Int
  }

  struct StepData: Encodable {
    var step: Int
    var loss: Double?
    var operations: [OperationData]
    var graph: Graph?
  }

  struct OperationData: Encodable {
    var phase, name: String
    var isRule: Bool
    var of: Int?
    var inputs: [Int]
    var outputs: [Output]
    var words: String
    /// File and line, innermost first.
    var lines: [[Int]]
    var module: String?
  }

  struct Output: Encodable {
    var tensor: Int
    var to: Int?
    var how: How
  }

  /// How the elements of a tensor came about: the fields that its kind has.
  struct How: Encodable {
    var kind: String
    var name: String?
    var a, b: Int?
    var ta, tb: Bool?
    var of: Operands?
    var gradient, local, before: Int?
    var numbers: Numbers?
    var dims, permutation: [Int]?
    var mean: Bool?
    var factor: Double?
    var formula: String?
    var largest: [Term]?
  }

  /// One tensor, or several.
  enum Operands: Encodable {
    case one(Int)
    case many([Int])

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .one(let i): try container.encode(i)
      case .many(let all): try container.encode(all)
      }
    }
  }

  /// What else an operation was given: by place, nil for none; or by name, as an optimizer's formula has it.
  enum Numbers: Encodable {
    case list([Double?])
    case named([String: Double?])

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .list(let all): try container.encode(all)
      case .named(let all): try container.encode(all)
      }
    }
  }

  struct Term: Encodable {
    var index: [Int]
    var value: Double
  }

  /// A drawing of the operations up to the loss.
  struct Graph: Encodable {
    struct Vertex: Encodable {
      var x = 0.0, y = 0.0, width = 0.0, height = 0.0
      var label, kind: String
      var operation, tensor: Int?
    }
    struct Edge: Encodable {
      var from, to: Int
      var label: String
      var points: [[Double]]
      /// The left end and the middle of the label; nil where another edge has it.
      var at: [Double]?
    }
    var width, height: Double
    var vertices: [Vertex]
    var edges: [Edge]
  }

  /// Loss, norms and the like; a number that is not finite is nil.
  public struct Health: Encodable {
    /// The steps that the numbers belong to.
    public var steps: [Int] = []
    /// The loss of each.
    public var loss: [Double?] = []
    /// By the weight's name: its norm.
    public var weights: [String: [Double?]] = [:]
    /// The norm of its gradient.
    public var gradients: [String: [Double?]] = [:]
    /// The norm of its change over its own.
    public var ratios: [String: [Double?]] = [:]
    /// By the operation: the share of zeros in its result.
    public var zeros: [String: [Double?]] = [:]

    /// Nothing yet.
    public init() {}
  }

  /// What a network that reads digits sees.
  public struct Digits: Encodable {
    /// The share of samples that are read right.
    public struct Accuracy: Encodable {
      /// The steps that the numbers belong to.
      public var steps: [Int] = []
      /// Of the samples that are trained on.
      public var training: [Double] = []
      /// Of those that are not; nil if there are none.
      public var heldOut: [Double]?
      /// How many samples there are.
      public var trainingCount = 0, heldOutCount = 0

      /// Nothing yet.
      public init() {}
    }

    /// The weights of the first layer over the training.
    public struct Film: Encodable {
      /// The steps of the pictures.
      public var steps: [Int] = []
      /// Which hidden units are shown, of how many.
      public var units: [Int] = []
      /// How many there are.
      public var unitCount = 0
      /// A byte of 127 stands for this weight.
      public var scale = 0.0
      /// Base64 of signed bytes: for each step, for each unit, its pixels.
      public var frames = ""

      /// Nothing yet.
      public init() {}
    }

    /// The tensor of the images.
    public var x: Int
    /// How many pixels a row has.
    public var width = 8
    /// What the samples that are shown show.
    public var labels: [Int] = []
    /// For each captured step, the tensor of the outputs.
    public var predictions: [Int] = []
    /// How many samples are read right.
    public var accuracy = Accuracy()
    /// The weights as pictures.
    public var film = Film()
    /// For each captured step, the hidden units that are 0 for every sample.
    public var silent: [[Int]] = []

    /// Of the images in a tensor.
    public init(x: Int) { self.x = x }
  }

  /// Where the time of a step goes, in microseconds.
  public struct Timeline: Encodable {
    /// What happened one after another.
    public struct Lane: Encodable {
      /// The lane's name.
      public var name: String
      /// In order of their start.
      public var events: [Event]

      /// Its events.
      public init(name: String, events: [Event]) { (self.name, self.events) = (name, events) }
    }
    /// From a start, for a while.
    public struct Event: Encodable {
      /// What happened.
      public var name: String
      /// When, and for how long.
      public var start, duration: Double

      /// One event.
      public init(name: String, start: Double, duration: Double) {
        (self.name, self.start, self.duration) = (name, start, duration)
      }
    }
    /// The step's number.
    public var step: Int
    /// How long it took.
    public var duration: Double
    /// What is drawn below one another.
    public var lanes: [Lane]

    /// The time of one step.
    public init(step: Int, duration: Double, lanes: [Lane]) {
      (self.step, self.duration, self.lanes) = (step, duration, lanes)
    }
  }
}
