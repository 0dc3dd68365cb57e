// GPT: a network that is shown characters and says which one comes next. From names it learns to make up names.
//
// New are three layers: Embedding (characters become vectors), attention (they look at each other), LayerNorm (their size
// stays the same). The loop is the one of lesson 5: forward pass, loss, backward pass, step.

import Kindling
import KindlingNN
import KindlingOptim

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

// MARK: Characters and numbers

/// The characters of a text. The number of each, its token, is its place in the list.
struct Vocabulary {
  let characters: [Unicode.Scalar]
  private let tokens: [Unicode.Scalar: Int]

  init(of text: String) {
    characters = Set(text.unicodeScalars).sorted()
    tokens = Dictionary(uniqueKeysWithValues: zip(characters, 0...))
  }

  var count: Int { characters.count }

  /// The tokens of a text, int64, [characters].
  func encode(_ text: String) -> Tensor { Tensor(text.unicodeScalars.map { tokens[$0]! }) }

  /// The text of tokens.
  func decode(_ tokens: [Int]) -> String {
    var text = String.UnicodeScalarView()
    for token in tokens { text.append(characters[token]) }
    return String(text)
  }
}

/// Stretches of a text from places at random, and for each of their characters the one that follows.
func randomBatch(of text: Tensor, _ size: Int, context: Int) -> (x: Tensor, y: Tensor) {
  let starts = Tensor.randint(0, text.shape[0] - context, [size])
  let places = starts.unsqueeze(1) + Tensor.arange(context)  // [batch, context]
  return (text[places], text[places + 1])
}

// MARK: The model

/// The sizes of a model.
struct GPTSize {
  var vocabulary: Int
  /// How many characters it sees at once.
  var context: Int
  /// How many blocks there are, and in each so many heads.
  var layers, heads: Int
  /// How many numbers stand for a character.
  var width: Int
  var dropout: Double
}

/// Each character looks at itself and those before it, and takes from them what it needs.
final class CausalAttention: Module {
  let heads: Int
  let queriesKeysValues: Linear
  let out: Linear
  let dropout: Double

  init(_ size: GPTSize) {
    heads = size.heads
    queriesKeysValues = Linear(size.width, 3 * size.width)
    out = Linear(size.width, size.width)
    dropout = size.dropout
  }

  /// What each character looks for, what it can be found by, and what it gives; each head has a part of them.
  func queriesKeysAndValues(of x: Tensor) -> (q: Tensor, k: Tensor, v: Tensor) {
    let (batch, length, width) = (x.shape[0], x.shape[1], x.shape[2])
    let parts = queriesKeysValues(x).reshape([batch, length, 3, heads, width / heads]).permute(2, 0, 3, 1, 4)
    return (parts[0], parts[1], parts[2])  // each [batch, heads, length, width / heads]
  }

  override func forward(_ x: Tensor) -> Tensor {
    let (q, k, v) = queriesKeysAndValues(of: x)
    let found = scaledDotProductAttention(
      q, k, v, dropoutP: isTraining ? dropout : 0, isCausal: true)
    return out(found.transpose(1, 2).reshape(x.shape))  // [batch, length, width]
  }
}

/// Attention, in which the characters exchange something, and two linear layers, in which each thinks for itself. Both add to
/// what is there, so that a block changes a little and loses nothing.
final class Block: Module {
  let norm1: LayerNorm
  let attention: CausalAttention
  let norm2: LayerNorm
  let mlp: Sequential
  let dropout: Dropout

  init(_ size: GPTSize) {
    norm1 = LayerNorm(size.width)
    attention = CausalAttention(size)
    norm2 = LayerNorm(size.width)
    mlp = Sequential(Linear(size.width, 4 * size.width), GELU(), Linear(4 * size.width, size.width))
    dropout = Dropout(size.dropout)
  }

  override func forward(_ x: Tensor) -> Tensor {
    let x = x + dropout(attention(norm1(x)))
    return x + dropout(mlp(norm2(x)))
  }
}

/// Tokens in, and for each place a score for every character that could come next.
final class GPT: Module {
  let tokens: Embedding
  let positions: Embedding
  let dropout: Dropout
  let blocks: [Block]
  let norm: LayerNorm

  init(_ size: GPTSize) {
    tokens = Embedding(size.vocabulary, size.width)
    positions = Embedding(size.context, size.width)
    dropout = Dropout(size.dropout)
    blocks = (0..<size.layers).map { _ in Block(size) }
    norm = LayerNorm(size.width)
    // Small at first: the table of the tokens also makes the scores, and none should stand out before anything is learnt.
    for table in [tokens, positions] { Init.normal_(table.weight, std: 0.02) }
  }

  /// What a character is, and where it stands.
  func embedded(_ x: Tensor) -> Tensor {
    let places = Tensor.arange(x.shape[1], device: x.device)
    return dropout(tokens(x) + positions(places))  // [batch, length, width]
  }

  override func forward(_ x: Tensor) -> Tensor {
    var h = embedded(x)
    for block in blocks { h = block(h) }
    // The weights of the head are those of the tokens: a score is how well a place fits a character's vector.
    return norm(h).matmul(tokens.weight.t())  // [batch, length, vocabulary]
  }
}

/// How surprised the model is by the characters that do follow: the mean of -ln p.
func loss(_ scores: Tensor, _ y: Tensor) -> Tensor {
  CrossEntropyLoss()(scores.flatten(endDim: 1), y.flatten())
}

// MARK: Looking at it

/// The loss on a text that was not learnt from, stretch by stretch from its beginning, 1,024 of them at most.
func heldOutLoss(_ model: GPT, _ text: Tensor, context: Int, device: Device) -> Double {
  model.eval()
  defer { model.train() }
  let count = min((text.shape[0] - 1) / context, 1024)
  let x = text[0..<count * context].reshape([count, context])
  let y = text[1..<count * context + 1].reshape([count, context])
  return noGrad {
    let parts = stride(from: 0, to: count, by: 64).map { start in
      let rows = start..<min(start + 64, count)
      return loss(model(x[rows].to(device)), y[rows].to(device)).item() * Double(rows.count)
    }
    return parts.reduce(0, +) / Double(count)
  }
}

/// How the model writes.
struct Sampling {
  /// The scores are divided by it: below 1 likely characters become likelier, above 1 less so.
  var temperature = 1.0
  /// Only so many of the likeliest characters are drawn from; from all if nil.
  var topK: Int?
}

/// Lets the model write: rows of `length` tokens that follow `first`, character by character, each drawn by its probability.
func write(
  _ model: GPT, _ rows: Int, from first: Int, _ length: Int, context: Int, device: Device, _ sampling: Sampling,
  _ generator: Generator
) -> [[Int]] {
  model.eval()
  defer { model.train() }
  return noGrad {
    var tokens = Tensor.full([rows, 1], first, dtype: .int64)
    for _ in 0..<length {
      let seen = tokens[0..., max(0, tokens.shape[1] - context)...]
      var scores = model(seen.to(device))[0..., -1].to(.cpu) / sampling.temperature  // [rows, vocabulary]
      if let topK = sampling.topK, topK < scores.shape[1] {
        let least = scores.topk(topK).values[0..., (topK - 1)..<topK]
        scores = scores.maskedFill(scores < least, -Double.infinity)
      }
      tokens = cat([tokens, scores.softmax(dim: 1).multinomial(1, generator: generator)], dim: 1)
    }
    return (0..<rows).map { tokens[$0, 1...].toArray(of: Int.self) }
  }
}

// MARK: The loop

/// The factor of the learning rate: up in a straight line while the first gradients are wild, then down along a cosine to a
/// tenth.
func rateFactor(_ step: Int, of steps: Int) -> Double {
  let warmUp = min(100, steps / 10)
  if step < warmUp { return Double(step + 1) / Double(warmUp) }
  let done = min(1, Double(step - warmUp) / Double(max(1, steps - warmUp)))
  return 0.1 + 0.45 * (1 + cos(.pi * done))
}

/// Trains as the options say; `run` knows them, and is shown what happens.
func gpt(_ run: GPTRun) throws {
  // The data: a text as tokens, nine tenths to learn from
  let text = try run.text()
  let vocabulary = Vocabulary(of: text)
  let (training, heldOut) = try run.divide(vocabulary.encode(text), vocabulary)

  // The model, and what trains it
  let model = GPT(run.size(vocabulary))
  model.to(run.device)
  let optimizer = AdamW(model.parameters(), learningRate: run.learningRate)
  let schedule = LambdaLR(optimizer) { step in rateFactor(step, of: run.stepCount) }
  try run.resume(model, optimizer, schedule, vocabulary)

  for step in run.steps {
    let (x, y) = randomBatch(of: training, run.batchSize, context: run.context)
    run.begin(x, y)

    // Forward pass: scores for the next character at each place, [batch, context, vocabulary]
    let scores = model(x.to(run.device))
    let loss = loss(scores, y.to(run.device))

    // Backward pass, and a step of the optimizer, not too long
    optimizer.zeroGrad()
    loss.backward()
    clipGradNorm_(model.parameters(), maxNorm: 1)
    optimizer.step()
    schedule.step()

    try run.report(loss)
    if run.looks(after: step) {
      let heldOutLoss = heldOutLoss(model, heldOut, context: run.context, device: run.device)
      try run.look(heldOutLoss, run.sample(model, vocabulary, 3))
    }
  }
  try run.finish(run.sample(model, vocabulary, run.sampleCount), run.attention(of: model, vocabulary))
}
