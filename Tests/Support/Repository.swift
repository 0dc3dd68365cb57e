import Foundation

/// The files that the tests read.
package enum Repository {
  private static let root = URL(filePath: #filePath).appending(path: "../../..").standardizedFileURL

  /// A file, by its path from the repository's root.
  package static func url(_ path: String) -> URL { root.appending(path: path) }
}
