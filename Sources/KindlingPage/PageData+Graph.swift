import Kindling

extension PageData.Graph {
  /// The operations of a step up to the loss, laid out; nil if there are none.
  init?(_ step: Walkthrough.Step, _ tensors: [Walkthrough.Snapshot]) { return nil }
}
