// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "OptimizerPaths",
  dependencies: [.package(name: "Kindling", path: "../../..")],
  targets: [
    .executableTarget(
      name: "OptimizerPaths",
      dependencies: [
        .product(name: "Kindling", package: "Kindling"), .product(name: "KindlingOptim", package: "Kindling"),
      ],
      path: "Sources")
  ],
  swiftLanguageModes: [.v6]
)
