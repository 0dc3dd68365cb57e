// Written by Tests/Reference/generate.py from tables/pictures.py: to add a row, add it there.
// swift-format-ignore-file

import Kindling

extension OperationTable {
  static func pictures() -> OperationTable {
    var table = OperationTable(reference: "pictures.json")
    table.row("conv2d(a, b)") { a, b in conv2d(a, b) }
    table.row("conv2d(a, b, bias: c)") { a, b, c in conv2d(a, b, bias: c) }
    table.row("conv2d(a, b, padding: 1)") { a, b in conv2d(a, b, padding: 1) }
    table.row("conv2d(a, b, padding: [0, 2])") { a, b in conv2d(a, b, padding: [0, 2]) }
    table.row("conv2d(a, b, padding: 3)") { a, b in conv2d(a, b, padding: 3) }
    table.row("conv2d(a, b, padding: .same)") { a, b in conv2d(a, b, padding: .same) }
    table.row("conv2d(a, b, padding: .valid)") { a, b in conv2d(a, b, padding: .valid) }
    table.row("conv2d(a, b, stride: 2)") { a, b in conv2d(a, b, stride: 2) }
    table.row("conv2d(a, b, stride: [1, 3])") { a, b in conv2d(a, b, stride: [1, 3]) }
    table.row("conv2d(a, b, stride: 2, padding: 1)") { a, b in conv2d(a, b, stride: 2, padding: 1) }
    table.row("conv2d(a, b, dilation: 2)") { a, b in conv2d(a, b, dilation: 2) }
    table.row("conv2d(a, b, stride: [2, 3], padding: [2, 1], dilation: [3, 2])") { a, b in conv2d(a, b, stride: [2, 3], padding: [2, 1], dilation: [3, 2]) }
    table.row("conv2d(a, b, bias: c, padding: 1, groups: 2)") { a, b, c in conv2d(a, b, bias: c, padding: 1, groups: 2) }
    table.row("conv2d(a, b, stride: 2, groups: 3)") { a, b in conv2d(a, b, stride: 2, groups: 3) }
    table.row("maxPool2d(a, kernelSize: 2)") { a in maxPool2d(a, kernelSize: 2) }
    table.row("maxPool2d(a, kernelSize: [3, 2], stride: 1)") { a in maxPool2d(a, kernelSize: [3, 2], stride: 1) }
    table.row("maxPool2d(a, kernelSize: 3, stride: 2, padding: 1)") { a in maxPool2d(a, kernelSize: 3, stride: 2, padding: 1) }
    table.row("maxPool2d(a, kernelSize: 2, padding: [0, 1], dilation: 2)") { a in maxPool2d(a, kernelSize: 2, padding: [0, 1], dilation: 2) }
    table.row("maxPool2d(a, kernelSize: 2, stride: 3, ceilMode: true)") { a in maxPool2d(a, kernelSize: 2, stride: 3, ceilMode: true) }
    table.row("maxPool2d(a, kernelSize: 3, stride: 2, padding: 1, ceilMode: true)") { a in maxPool2d(a, kernelSize: 3, stride: 2, padding: 1, ceilMode: true) }
    table.row("avgPool2d(a, kernelSize: 2)") { a in avgPool2d(a, kernelSize: 2) }
    table.row("avgPool2d(a, kernelSize: [3, 2], stride: 1)") { a in avgPool2d(a, kernelSize: [3, 2], stride: 1) }
    table.row("avgPool2d(a, kernelSize: 3, stride: 2, padding: 1)") { a in avgPool2d(a, kernelSize: 3, stride: 2, padding: 1) }
    table.row("avgPool2d(a, kernelSize: 3, stride: 2, padding: 1, countIncludePad: false)") { a in avgPool2d(a, kernelSize: 3, stride: 2, padding: 1, countIncludePad: false) }
    table.row("avgPool2d(a, kernelSize: 3, stride: 2, padding: 1, ceilMode: true)") { a in avgPool2d(a, kernelSize: 3, stride: 2, padding: 1, ceilMode: true) }
    table.row("avgPool2d(a, kernelSize: 2, stride: 3, ceilMode: true, countIncludePad: false)") { a in avgPool2d(a, kernelSize: 2, stride: 3, ceilMode: true, countIncludePad: false) }
    table.row("avgPool2d(a, kernelSize: 2, padding: [1, 0], divisorOverride: 3)") { a in avgPool2d(a, kernelSize: 2, padding: [1, 0], divisorOverride: 3) }
    table.row("adaptiveAvgPool2d(a, outputSize: 1)") { a in adaptiveAvgPool2d(a, outputSize: 1) }
    table.row("adaptiveAvgPool2d(a, outputSize: [3, 2])") { a in adaptiveAvgPool2d(a, outputSize: [3, 2]) }
    table.row("adaptiveAvgPool2d(a, outputSize: 6)") { a in adaptiveAvgPool2d(a, outputSize: 6) }
    return table
  }
}
