// swift-tools-version: 6.2
import PackageDescription

// Hands the library files, states and command lines that nobody means, made by libFuzzer from those under Corpus. A package
// of its own, since all of it is built with the fuzzer's instruments; run it with Tests/run fuzz.
let package = Package(
  name: "Fuzz",
  dependencies: [.package(name: "Kindling", path: "../..")],
  targets: [
    .executableTarget(
      name: "Fuzz",
      dependencies: ["Kindling", "KindlingData", "KindlingNN", "KindlingOptim"].map {
        .product(name: $0, package: "Kindling")
      },
      // libFuzzer brings the main program. gold warns of each of AddressSanitizer's symbols, line after line.
      swiftSettings: [.unsafeFlags(["-parse-as-library"])], linkerSettings: [.unsafeFlags(["-use-ld=lld"])])
  ],
  swiftLanguageModes: [.v6]
)
