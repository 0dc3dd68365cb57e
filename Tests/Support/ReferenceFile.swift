// Reading what Tests/Reference/generate.py wrote.

import Foundation
import Kindling

/// The files of Tests/Reference.
package enum ReferenceFile {
  /// Reads a JSON file of rows: a name, and what was recorded under it.
  package static func rows<Entry: Decodable>(_ name: String, of type: Entry.Type) -> [String: [Entry]] {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    do {
      return try decoder.decode([String: [Entry]].self, from: Data(contentsOf: url(name)))
    } catch {
      fatalError("Tests/Reference/\(name): \(error)")
    }
  }

  package static func url(_ name: String) -> URL {
    Repository.url("Tests/Reference/\(name)")
  }
}

/// A tensor as a file has it: its elements in row-major order, and the views to take of it.
package struct StoredTensor: Sendable {
  package enum Values: Sendable {
    case real([Double])
    case integer([Int])
    case flag([Bool])
  }

  package let dtype: DType
  package let shape: Shape
  package let values: Values
  /// Such as "transpose 0 1" or "slice 0 1 5 2" (dimension 0, from 1 to 5 in steps of 2), in order.
  package let views: [String]

  /// The tensor, in the memory layout that its views give it.
  package func tensor(on device: Device = .cpu) -> Tensor {
    let base: Tensor =
      switch values {
      case .real(let numbers): Tensor(numbers, shape: shape, dtype: dtype)
      case .integer(let numbers): Tensor(numbers, shape: shape, dtype: dtype)
      case .flag(let flags): Tensor(flags, shape: shape)
      }
    return views.reduce(base.to(device)) { StoredTensor.view($1, of: $0) }
  }

  /// The same elements over and over, as a vector.
  package func repeated(_ copies: Int) -> StoredTensor {
    func many<Number>(_ numbers: [Number]) -> [Number] { Array([[Number]](repeating: numbers, count: copies).joined()) }
    let values: Values =
      switch values {
      case .real(let numbers): .real(many(numbers))
      case .integer(let numbers): .integer(many(numbers))
      case .flag(let flags): .flag(many(flags))
      }
    return StoredTensor(dtype: dtype, shape: [shape.elementCount * copies], values: values, views: [])
  }

  private static func view(_ description: String, of tensor: Tensor) -> Tensor {
    let words = description.split(separator: " ")
    let numbers = words.dropFirst().map { Int($0)! }
    switch words[0] {
    case "transpose": return tensor.transpose(numbers[0], numbers[1])
    case "permute": return tensor.permute(numbers)
    case "select": return tensor.select(dim: numbers[0], index: numbers[1])
    case "expand": return tensor.expand(Shape(numbers))
    case "slice":
      // A subscript slices the first dimension, so the sliced one takes its place for a moment.
      let dimension = numbers[0]
      return tensor.transpose(0, dimension)[.slice(numbers[1], numbers[2], step: numbers[3])].transpose(0, dimension)
    default: fatalError("no such view: \(description)")
    }
  }
}

extension StoredTensor: CustomStringConvertible {
  package var description: String { (["\(dtype) \(shape)"] + views).joined(separator: " ") }
}

extension StoredTensor: Decodable {
  private enum Key: CodingKey { case dtype, shape, values, views }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let name = try container.decode(String.self, forKey: .dtype)
    dtype = DType.allCases.first { "\($0)" == name }!
    shape = Shape(try container.decode([Int].self, forKey: .shape))
    views = try container.decodeIfPresent([String].self, forKey: .views) ?? []
    values =
      switch dtype {
      case .float32, .float64: .real(try container.decode([Double].self, forKey: .values))
      case .int32, .int64: .integer(try container.decode([Int].self, forKey: .values))
      case .bool: .flag(try container.decode([Bool].self, forKey: .values))
      }
  }
}
