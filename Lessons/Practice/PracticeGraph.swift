import Kindling

/// A step recorded as a CUDA graph, into which later batches are put: for `--graph-step`.
///
/// A graph has the sizes of its recording, so that the last batch of an epoch, if it is smaller, is an ordinary step. A graph
/// also counts the steps of Adam by its own replays alone: after an ordinary step the next one is recorded anew.
final class PracticeGraph {
  typealias Results = (loss: Tensor, scores: Tensor)

  private let device: Device
  private let batchSize: Int
  var optimizer: (any SavableOptimizer)?
  private var recorded: (x: Tensor, y: Tensor, results: Results, step: CapturedStep)?
  /// The batch of the step that is being recorded.
  private var recording: (x: Tensor, y: Tensor)?
  /// The first step of a run is an ordinary one: it makes what the optimizer remembers.
  private var isFirst = true

  init(on device: Device, batchSize: Int) { (self.device, self.batchSize) = (device, batchSize) }

  /// A step begins, with a batch.
  ///
  /// - Returns: What it has computed, if it could be replayed; nil where the loop is to take it.
  func begin(_ x: Tensor, _ y: Tensor) -> Results? {
    let isFull = x.shape[0] == batchSize
    if isFull, let recorded {
      recorded.x.copy_(x)
      recorded.y.copy_(y)
      recorded.step.replay()
      optimizer?.countReplay()
      return recorded.results
    }
    recorded = nil
    if isFull && !isFirst {
      recording = (x, y)
      CapturedStep.begin(on: device)
    }
    isFirst = false
    return nil
  }

  /// The loop has taken a step; if it was recorded, it is carried out now.
  func end(_ loss: Tensor, _ scores: Tensor) {
    guard let (x, y) = recording else { return }
    recording = nil
    let step = CapturedStep.end(on: device)
    step.replay()
    recorded = (x, y, (loss, scores), step)
  }
}
