import Kindling
import Testing

/// Layouts by themselves: numbers in, numbers out. What tensors make of them, the operation table tests.
@Suite struct LayoutTests {
  /// 2 × 3 × 4, packed.
  private let whole = Layout([2, 3, 4])

  @Test func aNewTensorsElementsLieInOrder() {
    #expect(whole.strides == [12, 4, 1] && whole.offset == 0)
    #expect(whole.elementCount == 24 && whole.isContiguous && whole.packed === whole)
    #expect(Layout([]).elementCount == 1 && Layout([]).isContiguous && Layout([0, 3]).elementCount == 0)
  }

  @Test func dimensionsChangePlaces() {
    let turned = whole.transposed(0, 2)
    #expect(turned.shape == [4, 3, 2] && turned.strides == [1, 4, 12] && !turned.isContiguous)
    #expect(turned.transposed(2, 0) == whole && whole.choosing([2, 0, 1]).strides == [1, 12, 4])
    #expect(turned.packed == Layout([4, 3, 2]))
  }

  @Test func partsBeginFurtherOn() {
    #expect(whole.selecting(1, 2) == Layout([2, 4], strides: [12, 1], offset: 8))
    #expect(whole.sliced(2, from: 1, count: 2, step: 2) == Layout([2, 3, 2], strides: [12, 4, 2], offset: 1))
    #expect(whole.sliced(0, from: 1, count: 1, step: 1).isContiguous)
    #expect(whole.sliced(0, from: 2, count: 0, step: 1).offset == 0)
    #expect(whole.diagonal(1, 2, above: 1) == Layout([2, 3], strides: [12, 5], offset: 1))
    #expect(whole.diagonal(1, 2, above: -3) == Layout([2, 0], strides: [12, 5], offset: 0))
  }

  @Test func broadcastingStepsByNothing() {
    #expect(Layout([3, 1]).expanded(to: [2, 3, 4]) == Layout([2, 3, 4], strides: [0, 1, 0]))
    #expect(Layout([3]).expanded(to: [3, 4]) == nil && Layout([2, 3]).expanded(to: [3]) == nil)
    #expect(Layout([3, 1]).expanded(to: [3, 2])!.overlaps && !whole.overlaps)
  }

  @Test func otherShapesOfTheSameElements() {
    #expect(whole.viewed(as: [6, 4]) == Layout([6, 4]))
    // Two dimensions that lie seamlessly become one, and one is taken apart again; others need a copy.
    let part = whole.sliced(2, from: 1, count: 2, step: 1)
    #expect(part.viewed(as: [6, 2]) == Layout([6, 2], strides: [4, 1], offset: 1))
    #expect(part.viewed(as: [2, 3, 1, 2]) == Layout([2, 3, 1, 2], strides: [12, 4, 2, 1], offset: 1))
    #expect(part.viewed(as: [12]) == nil && whole.transposed(0, 1).viewed(as: [24]) == nil)
    #expect(part.inserting(1).removing(1) == part)
  }

  @Test func aDenseLayoutKeepsTheOrderOfDimensions() {
    let turned = Layout([2, 3, 4]).choosing([2, 0, 1])
    #expect(turned.dense == turned)
    let parts = Layout([4, 6]).transposed(0, 1).sliced(0, from: 1, count: 3, step: 2)
    #expect(parts.dense == Layout([3, 4], strides: [1, 3]))
    #expect(Layout([3, 1]).expanded(to: [3, 5])!.dense == Layout([3, 5]))
  }
}
