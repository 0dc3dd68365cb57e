// Written by Tests/Reference/generate.py from tables/losses.py: to add a row, add it there.
// swift-format-ignore-file

import Kindling
import KindlingNN

extension OperationTable {
  static func losses() -> OperationTable {
    var table = OperationTable(reference: "losses.json")
    table.row("MSELoss()") { a, b in MSELoss()(a, b) }
    table.row("MSELoss(reduction: .sum)") { a, b in MSELoss(reduction: .sum)(a, b) }
    table.row("MSELoss(reduction: .none)") { a, b in MSELoss(reduction: .none)(a, b) }
    table.row("L1Loss()") { a, b in L1Loss()(a, b) }
    table.row("L1Loss(reduction: .sum)") { a, b in L1Loss(reduction: .sum)(a, b) }
    table.row("L1Loss(reduction: .none)") { a, b in L1Loss(reduction: .none)(a, b) }
    table.row("SmoothL1Loss()") { a, b in SmoothL1Loss()(a, b) }
    table.row("SmoothL1Loss(reduction: .sum)") { a, b in SmoothL1Loss(reduction: .sum)(a, b) }
    table.row("SmoothL1Loss(reduction: .none)") { a, b in SmoothL1Loss(reduction: .none)(a, b) }
    table.row("SmoothL1Loss(beta: 0.5)") { a, b in SmoothL1Loss(beta: 0.5)(a, b) }
    table.row("SmoothL1Loss(reduction: .sum, beta: 0.5)") { a, b in SmoothL1Loss(reduction: .sum, beta: 0.5)(a, b) }
    table.row("SmoothL1Loss(reduction: .none, beta: 0.5)") { a, b in SmoothL1Loss(reduction: .none, beta: 0.5)(a, b) }
    table.row("CrossEntropyLoss()") { a, b in CrossEntropyLoss()(a, b) }
    table.row("CrossEntropyLoss(reduction: .sum)") { a, b in CrossEntropyLoss(reduction: .sum)(a, b) }
    table.row("CrossEntropyLoss(reduction: .none)") { a, b in CrossEntropyLoss(reduction: .none)(a, b) }
    table.row("CrossEntropyLoss(ignoreIndex: 2)") { a, b in CrossEntropyLoss(ignoreIndex: 2)(a, b) }
    table.row("CrossEntropyLoss(ignoreIndex: 2, reduction: .sum)") { a, b in CrossEntropyLoss(ignoreIndex: 2, reduction: .sum)(a, b) }
    table.row("CrossEntropyLoss(ignoreIndex: 2, reduction: .none)") { a, b in CrossEntropyLoss(ignoreIndex: 2, reduction: .none)(a, b) }
    table.row("CrossEntropyLoss(labelSmoothing: 0.1)") { a, b in CrossEntropyLoss(labelSmoothing: 0.1)(a, b) }
    table.row("CrossEntropyLoss(reduction: .sum, labelSmoothing: 0.1)") { a, b in CrossEntropyLoss(reduction: .sum, labelSmoothing: 0.1)(a, b) }
    table.row("CrossEntropyLoss(reduction: .none, labelSmoothing: 0.1)") { a, b in CrossEntropyLoss(reduction: .none, labelSmoothing: 0.1)(a, b) }
    table.row("CrossEntropyLoss(weight: c)") { a, b, c in CrossEntropyLoss(weight: c)(a, b) }
    table.row("CrossEntropyLoss(weight: c, reduction: .sum)") { a, b, c in CrossEntropyLoss(weight: c, reduction: .sum)(a, b) }
    table.row("CrossEntropyLoss(weight: c, reduction: .none)") { a, b, c in CrossEntropyLoss(weight: c, reduction: .none)(a, b) }
    table.row("CrossEntropyLoss(weight: c, ignoreIndex: 0, labelSmoothing: 0.2)") { a, b, c in CrossEntropyLoss(weight: c, ignoreIndex: 0, labelSmoothing: 0.2)(a, b) }
    table.row("CrossEntropyLoss(weight: c, ignoreIndex: 0, reduction: .sum, labelSmoothing: 0.2)") { a, b, c in CrossEntropyLoss(weight: c, ignoreIndex: 0, reduction: .sum, labelSmoothing: 0.2)(a, b) }
    table.row("CrossEntropyLoss(weight: c, ignoreIndex: 0, reduction: .none, labelSmoothing: 0.2)") { a, b, c in CrossEntropyLoss(weight: c, ignoreIndex: 0, reduction: .none, labelSmoothing: 0.2)(a, b) }
    table.row("NLLLoss()") { a, b in NLLLoss()(a, b) }
    table.row("NLLLoss(reduction: .sum)") { a, b in NLLLoss(reduction: .sum)(a, b) }
    table.row("NLLLoss(reduction: .none)") { a, b in NLLLoss(reduction: .none)(a, b) }
    table.row("NLLLoss(ignoreIndex: 2)") { a, b in NLLLoss(ignoreIndex: 2)(a, b) }
    table.row("NLLLoss(ignoreIndex: 2, reduction: .sum)") { a, b in NLLLoss(ignoreIndex: 2, reduction: .sum)(a, b) }
    table.row("NLLLoss(ignoreIndex: 2, reduction: .none)") { a, b in NLLLoss(ignoreIndex: 2, reduction: .none)(a, b) }
    table.row("NLLLoss(weight: c)") { a, b, c in NLLLoss(weight: c)(a, b) }
    table.row("NLLLoss(weight: c, reduction: .sum)") { a, b, c in NLLLoss(weight: c, reduction: .sum)(a, b) }
    table.row("NLLLoss(weight: c, reduction: .none)") { a, b, c in NLLLoss(weight: c, reduction: .none)(a, b) }
    table.row("BCEWithLogitsLoss()") { a, b in BCEWithLogitsLoss()(a, b) }
    table.row("BCEWithLogitsLoss(reduction: .sum)") { a, b in BCEWithLogitsLoss(reduction: .sum)(a, b) }
    table.row("BCEWithLogitsLoss(reduction: .none)") { a, b in BCEWithLogitsLoss(reduction: .none)(a, b) }
    table.row("BCEWithLogitsLoss(weight: c)") { a, b, c in BCEWithLogitsLoss(weight: c)(a, b) }
    table.row("BCEWithLogitsLoss(weight: c, reduction: .sum)") { a, b, c in BCEWithLogitsLoss(weight: c, reduction: .sum)(a, b) }
    table.row("BCEWithLogitsLoss(weight: c, reduction: .none)") { a, b, c in BCEWithLogitsLoss(weight: c, reduction: .none)(a, b) }
    table.row("BCEWithLogitsLoss(posWeight: c)") { a, b, c in BCEWithLogitsLoss(posWeight: c)(a, b) }
    table.row("BCEWithLogitsLoss(reduction: .sum, posWeight: c)") { a, b, c in BCEWithLogitsLoss(reduction: .sum, posWeight: c)(a, b) }
    table.row("BCEWithLogitsLoss(reduction: .none, posWeight: c)") { a, b, c in BCEWithLogitsLoss(reduction: .none, posWeight: c)(a, b) }
    table.row("BCEWithLogitsLoss(weight: c, posWeight: c)") { a, b, c in BCEWithLogitsLoss(weight: c, posWeight: c)(a, b) }
    table.row("BCEWithLogitsLoss(weight: c, reduction: .sum, posWeight: c)") { a, b, c in BCEWithLogitsLoss(weight: c, reduction: .sum, posWeight: c)(a, b) }
    table.row("BCEWithLogitsLoss(weight: c, reduction: .none, posWeight: c)") { a, b, c in BCEWithLogitsLoss(weight: c, reduction: .none, posWeight: c)(a, b) }
    table.row("BCELoss()") { a, b in BCELoss()(a, b) }
    table.row("BCELoss(reduction: .sum)") { a, b in BCELoss(reduction: .sum)(a, b) }
    table.row("BCELoss(reduction: .none)") { a, b in BCELoss(reduction: .none)(a, b) }
    table.row("BCELoss(weight: c)") { a, b, c in BCELoss(weight: c)(a, b) }
    table.row("BCELoss(weight: c, reduction: .sum)") { a, b, c in BCELoss(weight: c, reduction: .sum)(a, b) }
    table.row("BCELoss(weight: c, reduction: .none)") { a, b, c in BCELoss(weight: c, reduction: .none)(a, b) }
    table.row("HuberLoss()") { a, b in HuberLoss()(a, b) }
    table.row("HuberLoss(reduction: .sum)") { a, b in HuberLoss(reduction: .sum)(a, b) }
    table.row("HuberLoss(reduction: .none)") { a, b in HuberLoss(reduction: .none)(a, b) }
    table.row("HuberLoss(delta: 0.5)") { a, b in HuberLoss(delta: 0.5)(a, b) }
    table.row("HuberLoss(reduction: .sum, delta: 0.5)") { a, b in HuberLoss(reduction: .sum, delta: 0.5)(a, b) }
    table.row("HuberLoss(reduction: .none, delta: 0.5)") { a, b in HuberLoss(reduction: .none, delta: 0.5)(a, b) }
    table.row("KLDivLoss()") { a, b in KLDivLoss()(a, b) }
    table.row("KLDivLoss(reduction: .sum)") { a, b in KLDivLoss(reduction: .sum)(a, b) }
    table.row("KLDivLoss(reduction: .none)") { a, b in KLDivLoss(reduction: .none)(a, b) }
    table.row("KLDivLoss(reduction: .batchMean)") { a, b in KLDivLoss(reduction: .batchMean)(a, b) }
    table.row("KLDivLoss(logTarget: true)") { a, b in KLDivLoss(logTarget: true)(a, b) }
    table.row("KLDivLoss(reduction: .sum, logTarget: true)") { a, b in KLDivLoss(reduction: .sum, logTarget: true)(a, b) }
    table.row("KLDivLoss(reduction: .none, logTarget: true)") { a, b in KLDivLoss(reduction: .none, logTarget: true)(a, b) }
    table.row("KLDivLoss(reduction: .batchMean, logTarget: true)") { a, b in KLDivLoss(reduction: .batchMean, logTarget: true)(a, b) }
    return table
  }
}
