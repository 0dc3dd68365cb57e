import Foundation
import TestSupport
import Testing

/// What `Tests/run puzzle` does before anything is built; what it checks is shown by `Tests/run puzzles --prove`.
@Suite(.serialized) struct PuzzleTests {
  private func run(_ arguments: String...) throws -> Program.Result {
    try Running("/bin/bash", [Repository.url("Tests/run").path(), "puzzle"] + arguments).ending()
  }

  @Test func thePuzzleThatIsAskedForIsANumber() throws {
    for number in ["*", "0", "13", "007", "1 2", "../Puzzles/1"] {
      let result = try run(number)
      #expect(result.status == 2, "\(number)")
      #expect(result.error.hasPrefix("Tests/run puzzle: there is no puzzle \(number); it can be 1 to 12\n"))
    }
  }

  @Test func whatBelongsToOnePuzzleWantsItsNumber() throws {
    for option in ["--hint", "--solution"] {
      let result = try run(option)
      #expect(result.status == 2 && result.output == "", "\(option)")
      #expect(result.error.hasPrefix("Tests/run puzzle: of which puzzle? Its number is missing\n"))
    }
    #expect(try run("7", "--vietnamese").error.hasPrefix("Tests/run puzzle: --vietnamese goes with --hint\n"))
    let result = try run("7", "--file", "/nowhere/mine.cu")
    #expect(result.status == 2)
    #expect(result.error.hasPrefix("Tests/run puzzle: there is no file /nowhere/mine.cu\n"))
  }

  @Test func eachCallForAHintSaysMore() throws {
    let first = try run("7", "--hint", "1")
    let (second, third, fourth) = (try run("7", "--hint"), try run("7", "--hint"), try run("7", "--hint"))
    #expect(first.output.hasPrefix("Hint 1 of 3: the idea\n"))
    #expect(second.output.hasPrefix("Hint 2 of 3: the steps\n"))
    #expect(third.output.hasPrefix("Hint 3 of 3: nearly the code\n"))
    #expect(try run("7", "--hint", "1", "--vietnamese").output.hasPrefix("Gợi ý 1 trên 3: ý tưởng\n"))
    #expect(fourth.output.contains("Lessons/Puzzles/Solutions/Puzzle7Convolution.cu"))
    #expect([first, second, third, fourth].allSatisfy { $0.status == 0 && $0.error.isEmpty })
  }
}
