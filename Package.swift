// swift-tools-version: 6.2
import PackageDescription

/// Where the exercises' files are taken from: what the learner writes, or the solutions.
let exercises =
  Context.environment["KINDLING_EXERCISES"] == "solutions" ? "Lessons/Exercises/Solutions" : "Lessons/Exercises"

let package = Package(
  name: "Kindling",
  products: [
    .library(name: "Kindling", targets: ["Kindling"]),
    .library(name: "KindlingNN", targets: ["KindlingNN"]),
    .library(name: "KindlingOptim", targets: ["KindlingOptim"]),
    .executable(name: "lesson1", targets: ["lesson1"]),
    .executable(name: "lesson2", targets: ["lesson2"]),
    .executable(name: "lesson3", targets: ["lesson3"]),
    .executable(name: "lesson4", targets: ["lesson4"]),
    .executable(name: "lesson5", targets: ["lesson5"]),
    .executable(name: "compare", targets: ["compare"]),
    .executable(name: "devices", targets: ["devices"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0")
  ],
  targets: [
    // The lessons, from raw arrays to optim and a custom Module.
    .executableTarget(name: "lesson1", dependencies: ["Kindling", "LessonKit"], path: "Lessons/Lesson1RawArrays"),
    .executableTarget(name: "lesson2", dependencies: ["Kindling", "LessonKit"], path: "Lessons/Lesson2Tensors"),
    .executableTarget(name: "lesson3", dependencies: ["Kindling", "LessonKit"], path: "Lessons/Lesson3Autograd"),
    .executableTarget(
      name: "lesson4", dependencies: ["Kindling", "KindlingNN", "LessonKit"], path: "Lessons/Lesson4NNModule"),
    .executableTarget(
      name: "lesson5", dependencies: ["Kindling", "KindlingNN", "KindlingOptim", "LessonKit"],
      path: "Lessons/Lesson5OptimModule"),

    // Runs the five side by side; they are dependencies so that `swift run compare` builds them beside it.
    .executableTarget(
      name: "compare",
      dependencies: [
        "Kindling", "LessonKit", "CompareFiles", "lesson1", "lesson2", "lesson3", "lesson4", "lesson5",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Sources/Compare", exclude: ["Files"]),
    // Inside `compare`: the lessons' sources, the reference curves, the report's page, the article's Python.
    .target(
      name: "CompareFiles", path: "Sources/Compare/Files",
      exclude: ["report.html", "report.css", "report.js", "programs.py"]),

    // What this machine can compute on.
    .executableTarget(
      name: "devices",
      dependencies: ["Kindling", "Kernels", .product(name: "ArgumentParser", package: "swift-argument-parser")],
      path: "Sources/Devices"),

    // What they stand on, highest rung first.
    .target(
      name: "LessonKit",
      dependencies: [
        "Kindling", "KindlingNN", "DigitsData", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .target(name: "DigitsData", exclude: ["README.md", "LICENSE.md", "images-idx3-ubyte", "labels-idx1-ubyte"]),
    .target(name: "KindlingOptim", dependencies: ["Kindling"]),
    .target(name: "KindlingNN", dependencies: ["Kindling"]),
    .target(name: "Kindling", dependencies: ["Kernels", "CUDADriver", "CUDAEmulator"]),
    .target(
      name: "CUDAEmulator", dependencies: ["CUDADriver"],
      linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux]))]),
    .target(
      name: "CUDADriver", dependencies: ["Kernels"],
      linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
    .target(name: "Kernels", dependencies: ["COpenBLAS"]),
    .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),

    // Exercises for the learner, and what checks them; run it with Tests/run exercise.
    .executableTarget(
      name: "exercise",
      dependencies: ["Kindling", "KindlingNN", "KindlingOptim", "CUDAEmulator", "Exercises", "ExerciseKernel"],
      path: "Tests/Exercises/Sources"),
    .target(
      name: "Exercises", dependencies: ["Kindling", "KindlingNN", "KindlingOptim"], path: exercises,
      exclude: ["Exercise6Transpose.cu"]
        + (exercises == "Lessons/Exercises" ? ["README.md", "README.vi.md", "Solutions"] : [])),
    .target(
      name: "ExerciseKernel", dependencies: ["CUDADriver", "CUDAEmulator"], path: "Tests/Exercises/Kernel",
      cxxSettings: [.headerSearchPath("../../../Sources"), .headerSearchPath("../../../\(exercises)")]),

    // Random programs, each checked four ways; run it with Tests/run random.
    .executableTarget(
      name: "random-programs",
      dependencies: ["Kindling", .product(name: "ArgumentParser", package: "swift-argument-parser")],
      path: "Tests/Random/Sources"),

    // Measures the library beside NumPy, PyTorch and JAX; run it with Tests/Benchmarks/run.
    .executableTarget(
      name: "benchmarks",
      dependencies: [
        "Kernels", "COpenBLAS", "Kindling", "KindlingNN", "KindlingOptim",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        "lesson1", "lesson2", "lesson3", "lesson4", "lesson5",  // built beside it, to be run by it
      ],
      path: "Tests/Benchmarks/Sources"),
    // A lesson's step on a GPU, for Tests/GPU/run.
    .executableTarget(
      name: "gpu-steps", dependencies: ["Kindling", "KindlingNN", "KindlingOptim"], path: "Tests/GPU/Steps"),
    // The suites: the core library, modules and optimizers, and the programs as a user runs them.
    .testTarget(
      name: "KindlingTests",
      dependencies: [
        "Kernels", "CUDADriver", "CUDAEmulator", "Kindling", "KindlingNN", "KindlingOptim", "DigitsData", "TestSupport",
      ],
      path: "Tests/KindlingTests"),
    .testTarget(
      name: "ModuleTests", dependencies: ["Kindling", "KindlingNN", "KindlingOptim", "TestSupport"],
      path: "Tests/ModuleTests"),
    .testTarget(
      name: "ProgramTests",
      dependencies: [
        "CUDADriver", "CUDAEmulator", "Kernels", "Kindling", "LessonKit", "devices", "compare", "lesson1", "lesson2",
        "lesson3",
        "lesson4", "lesson5", "TestSupport",
      ],
      path: "Tests/ProgramTests"),
    .target(name: "TestSupport", dependencies: ["Kindling"], path: "Tests/Support"),
    // PyTorch's samples of its own operators, from Tests/Reference/samples; run it with Tests/run samples.
    .testTarget(
      name: "OperatorSamples", dependencies: ["Kindling", "KindlingNN", "KindlingOptim"],
      path: "Tests/OperatorSamples"),
  ],
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx20
)
