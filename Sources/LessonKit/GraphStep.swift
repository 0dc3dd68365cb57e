import Kindling

/// One step recorded as a CUDA graph, and all that follow taken by replaying it: for `--graph-step`.
///
/// The first step is an ordinary one: it makes what the later ones write into, the gradients and what an optimizer remembers.
/// The second is recorded while the lesson's loop goes through its lines once more. The loop then ends, and the replays begin.
final class GraphStep {
  private let device: Device
  private(set) var isRecording = false
  /// Read the step's own tensors, which each replay writes anew.
  private var readings: (loss: () -> Double, prediction: () -> Tensor)?
  /// The weights before the update, as the last replay met them, if anybody wants them.
  private(set) var weights: [Tensor]?

  init(on device: Device) { self.device = device }

  /// A step is about to begin. False where a graph will take it.
  func begin(_ step: Int) -> Bool {
    if step == 1 {
      CapturedStep.begin(on: device)
      isRecording = true
    }
    return step <= 1
  }

  /// Remembers how to read what the step computes.
  func keep(_ loss: @escaping () -> Double, _ prediction: @escaping () -> Tensor) { readings = (loss, prediction) }

  /// Has each replay copy the weights before it changes them.
  func keep(weights: [Tensor]) { self.weights = noGrad { weights.map { $0.clone() } } }

  /// Ends the recording, if there is one, and takes the steps up to `count`, unless the program is to stop.
  func replay(to count: Int, report: (_ step: Int, _ loss: Double, _ prediction: () -> Tensor) -> Void) {
    if !isRecording { return }
    let graph = CapturedStep.end(on: device)
    isRecording = false
    guard let readings else { return }
    for step in 1..<count {
      if Interruption.status != nil { break }
      graph.replay()
      report(step, readings.loss(), readings.prediction)
    }
  }
}
