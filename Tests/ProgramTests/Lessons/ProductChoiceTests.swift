import Foundation
import Kindling
import TestSupport
import Testing

/// Who multiplies matrices: `--products`, and `KINDLING_PRODUCTS` in the environment.
@Suite struct ProductChoiceTests {
  /// The losses agree as far as rounding goes, and OpenBLAS's are the same on any number of threads too: a product is
  /// divided by its shape.
  @Test(arguments: [1, 3, 5], ["article", "digits"])
  func openBLASTrainsToTheSameLosses(lesson: Int, problem: String) throws {
    let arguments = ["--problem=\(problem)", "--steps=100", "--products"]
    let own = try LessonTests.record(lesson, arguments + ["own"]).losses
    let other = try LessonTests.record(lesson, arguments + ["openblas", "--threads=2"]).losses
    #expect(own.count == 100 && other.count == 100)
    // Another order of summation moves these losses by up to 160 ε in float32, and by 20 ε in lesson 1's float64, as
    // measured, most with the article's problem, whose first steps are long. Another processor may have other orders.
    let epsilon = lesson == 1 ? Double.ulpOfOne : Double(Float.ulpOfOne)
    #expect(LessonTests.largestDifference(own[...], other[...]) <= 1000 * epsilon)
    #expect(try LessonTests.record(lesson, arguments + ["openblas", "--threads=1"]).losses == other, "bit for bit")
  }

  /// `compare` then allows what rounding makes of it, and no more.
  @Test func theLessonsAgreeWithinRounding() throws {
    let result = try Program.run("compare", ["--steps=200"], environment: ["KINDLING_PRODUCTS": "openblas"])
    #expect(result.status == 0, "\(result.output)")
    #expect(result.output.contains("to within what the"), "not bit for bit: \(result.output)")
  }

  @Test func theEnvironmentDecidesWhereTheOptionDoesNot() throws {
    func losses(_ option: [String], environment: String) throws -> String {
      try Program.run(
        "lesson2", ["--steps=200", "--print-every=1"] + option, environment: ["KINDLING_PRODUCTS": environment]
      ).output
    }
    let own = try losses(["--products=own"], environment: ""),
      other = try losses(["--products=openblas"], environment: "")
    #expect(own != other, "over 200 steps not every digit can be the same")
    #expect(try losses([], environment: "") == own)
    #expect(try losses([], environment: "own") == own)
    #expect(try losses([], environment: "openblas") == other)
    #expect(try losses(["--products=own"], environment: "openblas") == own)
  }

  @Test(arguments: ["lesson1", "lesson3", "practice", "gpt"]) func aNameThatNobodyHasIsSaid(program: String) throws {
    let option = try Program.run(program, ["--products=mkl"])
    #expect(option.status == 64 && option.output == "")
    #expect(option.error.hasPrefix("Error: The value 'mkl' is invalid for '--products <name>'."), "\(option.error)")
    let environment = try Program.run(program, [], environment: ["KINDLING_PRODUCTS": "mkl"])
    #expect(environment.status == 1 && environment.output == "")
    #expect(environment.error == "\(program): KINDLING_PRODUCTS is \"mkl\"; it can be own or openblas.\n")
  }

  /// A program that never asks is told at its first product.
  @Test func aProgramOfOnesOwnIsToldAtItsFirstProduct() async {
    let result = await #expect(processExitsWith: .exitCode(1), observing: [\.standardErrorContent]) {
      setenv("KINDLING_PRODUCTS", "mkl", 1)
      _ = Tensor.ones(2, 3).mm(Tensor.ones(3, 2))
    }
    let error = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(error.contains("KINDLING_PRODUCTS is \"mkl\"; it can be own or openblas.\n"), "\(error)")
  }
}
