// Convolutions and pools, one row each. Tests/Reference/tables/pictures.py has a row of the same name with PyTorch's.

import Kindling

extension OperationTable {
  static func pictures() -> OperationTable {
    var table = OperationTable(reference: "pictures.json")
    table.addConvolutions()
    table.addPools()
    return table
  }

  private mutating func addConvolutions() {
    row("conv2d(a, b)") { a, b in conv2d(a, b) }
    row("conv2d(a, b, bias: c)") { a, b, c in conv2d(a, b, bias: c) }
    row("conv2d(a, b, padding: 1)") { a, b in conv2d(a, b, padding: 1) }
    row("conv2d(a, b, padding: [0, 2])") { a, b in conv2d(a, b, padding: [0, 2]) }
    row("conv2d(a, b, padding: 3)") { a, b in conv2d(a, b, padding: 3) }
    row("conv2d(a, b, padding: .same)") { a, b in conv2d(a, b, padding: .same) }
    row("conv2d(a, b, padding: .valid)") { a, b in conv2d(a, b, padding: .valid) }
    row("conv2d(a, b, stride: 2)") { a, b in conv2d(a, b, stride: 2) }
    row("conv2d(a, b, stride: [1, 3])") { a, b in conv2d(a, b, stride: [1, 3]) }
    row("conv2d(a, b, stride: 2, padding: 1)") { a, b in conv2d(a, b, stride: 2, padding: 1) }
    row("conv2d(a, b, dilation: 2)") { a, b in conv2d(a, b, dilation: 2) }
    row("conv2d(a, b, stride: [2, 3], padding: [2, 1], dilation: [3, 2])") { a, b in
      conv2d(a, b, stride: [2, 3], padding: [2, 1], dilation: [3, 2])
    }
    row("conv2d(a, b, bias: c, padding: 1, groups: 2)") { a, b, c in conv2d(a, b, bias: c, padding: 1, groups: 2) }
    row("conv2d(a, b, stride: 2, groups: 3)") { a, b in conv2d(a, b, stride: 2, groups: 3) }
  }

  private mutating func addPools() {
    row("maxPool2d(a, kernelSize: 2)") { a in maxPool2d(a, kernelSize: 2) }
    row("maxPool2d(a, kernelSize: [3, 2], stride: 1)") { a in maxPool2d(a, kernelSize: [3, 2], stride: 1) }
    row("maxPool2d(a, kernelSize: 3, stride: 2, padding: 1)") { a in
      maxPool2d(a, kernelSize: 3, stride: 2, padding: 1)
    }
    row("maxPool2d(a, kernelSize: 2, padding: [0, 1], dilation: 2)") { a in
      maxPool2d(a, kernelSize: 2, padding: [0, 1], dilation: 2)
    }
    row("maxPool2d(a, kernelSize: 2, stride: 3, ceilMode: true)") { a in
      maxPool2d(a, kernelSize: 2, stride: 3, ceilMode: true)
    }
    row("maxPool2d(a, kernelSize: 3, stride: 2, padding: 1, ceilMode: true)") { a in
      maxPool2d(a, kernelSize: 3, stride: 2, padding: 1, ceilMode: true)
    }
    row("avgPool2d(a, kernelSize: 2)") { a in avgPool2d(a, kernelSize: 2) }
    row("avgPool2d(a, kernelSize: [3, 2], stride: 1)") { a in avgPool2d(a, kernelSize: [3, 2], stride: 1) }
    row("avgPool2d(a, kernelSize: 3, stride: 2, padding: 1)") { a in
      avgPool2d(a, kernelSize: 3, stride: 2, padding: 1)
    }
    row("avgPool2d(a, kernelSize: 3, stride: 2, padding: 1, countIncludePad: false)") { a in
      avgPool2d(a, kernelSize: 3, stride: 2, padding: 1, countIncludePad: false)
    }
    row("avgPool2d(a, kernelSize: 3, stride: 2, padding: 1, ceilMode: true)") { a in
      avgPool2d(a, kernelSize: 3, stride: 2, padding: 1, ceilMode: true)
    }
    row("avgPool2d(a, kernelSize: 2, stride: 3, ceilMode: true, countIncludePad: false)") { a in
      avgPool2d(a, kernelSize: 2, stride: 3, ceilMode: true, countIncludePad: false)
    }
    row("avgPool2d(a, kernelSize: 2, padding: [1, 0], divisorOverride: 3)") { a in
      avgPool2d(a, kernelSize: 2, padding: [1, 0], divisorOverride: 3)
    }
    row("adaptiveAvgPool2d(a, outputSize: 1)") { a in adaptiveAvgPool2d(a, outputSize: 1) }
    row("adaptiveAvgPool2d(a, outputSize: [3, 2])") { a in adaptiveAvgPool2d(a, outputSize: [3, 2]) }
    row("adaptiveAvgPool2d(a, outputSize: 6)") { a in adaptiveAvgPool2d(a, outputSize: 6) }
  }
}
