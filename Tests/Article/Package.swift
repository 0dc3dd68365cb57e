// swift-tools-version: 6.2
import PackageDescription

// A package of somebody else's that uses Kindling: what the README promises to such a package is compiled and run here.
let package = Package(
  name: "Article",
  dependencies: [.package(name: "Kindling", path: "../..")],
  targets: [
    .executableTarget(
      name: "Article",
      dependencies: ["Kindling", "KindlingNN", "KindlingOptim"].map { .product(name: $0, package: "Kindling") })
  ],
  swiftLanguageModes: [.v6]
)
