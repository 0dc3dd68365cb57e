// swift-tools-version: 6.2
import PackageDescription

/// Where the exercises' files are taken from: what the learner writes, or a folder that Tests/run has put together.
let exercises = Context.environment["KINDLING_EXERCISES"] ?? "Lessons/Exercises"

/// The lessons, from raw arrays to optim and a custom Module: their programs, folders, and what each stands on.
let lessons: [(name: String, folder: String, uses: [Target.Dependency])] = [
  ("lesson1", "Lesson1RawArrays", ["KindlingArrays"]),
  ("lesson2", "Lesson2Tensors", ["Kindling"]),
  ("lesson3", "Lesson3Autograd", ["Kindling"]),
  ("lesson4", "Lesson4NNModule", ["Kindling", "KindlingNN"]),
  ("lesson5", "Lesson5OptimModule", ["Kindling", "KindlingNN", "KindlingOptim", "KindlingDistributed"]),
]
/// For what runs them: `swift build` then makes them beside it.
let lessonPrograms = lessons.map { Target.Dependency.target(name: $0.name) }

let package = Package(
  name: "Kindling",
  products: [
    .library(name: "Kindling", targets: ["Kindling"]),
    .library(name: "KindlingArrays", targets: ["KindlingArrays"]),
    .library(name: "KindlingNN", targets: ["KindlingNN"]),
    .library(name: "KindlingOptim", targets: ["KindlingOptim"]),
    .library(name: "KindlingData", targets: ["KindlingData"]),
    .library(name: "KindlingDistributed", targets: ["KindlingDistributed"]),
    .library(name: "KindlingPage", targets: ["KindlingPage"]),
    .executable(name: "practice", targets: ["practice"]),
    .executable(name: "clinic", targets: ["clinic"]),
    .executable(name: "gpt", targets: ["gpt"]),
    .executable(name: "compare", targets: ["compare"]),
    .executable(name: "devices", targets: ["devices"]),
  ] + lessons.map { .executable(name: $0.name, targets: [$0.name]) },
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0")
  ],
  targets: lessons.map {
    .executableTarget(name: $0.name, dependencies: $0.uses + ["LessonKit"], path: "Lessons/\($0.folder)")
  } + [
    // What comes after the lessons: real data, in batches, and a test.
    .executableTarget(
      name: "practice",
      dependencies: [
        "Kindling", "KindlingNN", "KindlingOptim", "KindlingData", "KindlingDistributed", "KindlingPage", "LessonKit",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Lessons/Practice"),

    // Programs with a mistake each, and the same ones mended: two modules, so that their files differ in nothing else.
    .executableTarget(
      name: "clinic",
      dependencies: [
        "Kindling", "LessonKit", "ClinicWrong", "ClinicMended",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Lessons/Clinic", exclude: ["Wrong", "Mended"]),
    .target(
      name: "ClinicWrong", dependencies: ["Kindling", "KindlingNN", "KindlingOptim", "KindlingData", "LessonKit"],
      path: "Lessons/Clinic/Wrong"),
    .target(
      name: "ClinicMended", dependencies: ["Kindling", "KindlingNN", "KindlingOptim", "KindlingData", "LessonKit"],
      path: "Lessons/Clinic/Mended"),
    // What all of it is for: a small language model.
    .executableTarget(
      name: "gpt",
      dependencies: [
        "Kindling", "KindlingNN", "KindlingOptim", "KindlingData", "KindlingPage", "LessonKit",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Lessons/GPT"),

    // Runs the lessons side by side.
    .executableTarget(
      name: "compare",
      dependencies: [
        "Kindling", "KindlingPage", "LessonKit", "CompareFiles",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ] + lessonPrograms,
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
        "Kindling", "KindlingNN", "KindlingData", "KindlingDistributed", "KindlingPage",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    // Several processes, by an MPI library that is found at run time.
    .target(name: "KindlingDistributed", dependencies: ["Kindling", "KindlingNN", "KindlingData", "MPIDriver"]),
    .target(name: "MPIDriver", linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
    .target(name: "KindlingPage", dependencies: ["Kindling", "KindlingPageFiles"], exclude: ["Files"]),
    // Inside every program that writes pages: their template, style and script.
    .target(name: "KindlingPageFiles", path: "Sources/KindlingPage/Files", sources: ["files.c"]),
    .target(name: "KindlingData", dependencies: ["Kindling", "KindlingDataFiles", "CZlib"], exclude: ["Files"]),
    // Inside every program that uses it: digits, iris, wine, names.
    .target(
      name: "KindlingDataFiles", path: "Sources/KindlingData/Files",
      exclude: [
        "README.md", "LICENSE.md", "digits-images-idx3-ubyte", "digits-labels-idx1-ubyte", "iris.csv", "wine.csv",
        "names.txt",
      ]),
    .target(name: "KindlingOptim", dependencies: ["Kindling", "Kernels"]),
    .target(name: "KindlingNN", dependencies: ["Kindling"]),
    .target(name: "KindlingArrays", dependencies: ["Kindling", "Kernels"]),
    .target(name: "Kindling", dependencies: ["Kernels", "CUDADriver", "CUDAEmulator"]),
    .target(
      name: "CUDAEmulator", dependencies: ["CUDADriver"],
      linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux]))]),
    .target(
      name: "CUDADriver", dependencies: ["Kernels"],
      linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
    .target(name: "Kernels", dependencies: ["COpenBLAS"]),
    .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

    // Exercises for the learner, and what checks them; run it with Tests/run exercise.
    .executableTarget(
      name: "exercise",
      dependencies: [
        "Kindling", "KindlingNN", "KindlingOptim", "KindlingData", "CUDAEmulator", "Exercises", "ExerciseKernel",
        "ExerciseKit",
      ],
      path: "Tests/Exercises/Sources"),
    // What exercises and puzzles share: questions, attempts in a process of their own, reports.
    .target(name: "ExerciseKit", dependencies: ["Kindling"], path: "Tests/Exercises/Kit"),
    .target(
      name: "Exercises", dependencies: ["Kindling", "KindlingNN", "KindlingOptim", "KindlingData"], path: exercises,
      exclude: ["Exercise6Transpose.cu"]
        + (exercises == "Lessons/Exercises" ? ["README.md", "README.vi.md", "Hints", "Solutions"] : [])),
    .target(
      name: "ExerciseKernel", dependencies: ["CUDADriver", "CUDAEmulator"], path: "Tests/Exercises/Kernel",
      cxxSettings: [.headerSearchPath("../../../Sources"), .headerSearchPath("../../../\(exercises)")]),

    // Kernels for the learner to write; run it with Tests/run puzzle. They are compiled apart, into libraries that find the
    // emulator in this program.
    .executableTarget(
      name: "puzzle", dependencies: ["CUDAEmulator", "ExerciseKit", "PuzzleKernel"], path: "Tests/Puzzles/Sources",
      swiftSettings: [.unsafeFlags(["-Onone"], .when(configuration: .release))],
      linkerSettings: [.unsafeFlags(["-Xlinker", "--export-dynamic"], .when(platforms: [.linux]))]),
    .target(name: "PuzzleKernel", dependencies: ["CUDADriver", "CUDAEmulator"], path: "Tests/Puzzles/Kernel"),

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
      ] + lessonPrograms + ["gpt"],
      path: "Tests/Benchmarks/Sources"),
    // A lesson's step on a GPU, for Tests/GPU/run.
    .executableTarget(
      name: "gpu-steps", dependencies: ["Kindling", "KindlingNN", "KindlingOptim"], path: "Tests/GPU/Steps"),
    // What several processes do together, for the tests.
    .executableTarget(
      name: "process-checks", dependencies: ["Kindling", "KindlingNN", "KindlingDistributed"], path: "Tests/Processes",
      exclude: ["hosts"]),
    // The suites: tensors and autograd; operations and optimizers against PyTorch's numbers, on every device; modules;
    // the programs as a user runs them.
    .testTarget(
      name: "KindlingTests",
      dependencies: [
        "Kernels", "Kindling", "KindlingArrays", "KindlingNN", "KindlingOptim", "KindlingDataFiles", "TestSupport",
      ],
      path: "Tests/KindlingTests"),
    .testTarget(
      name: "KernelTests",
      dependencies: [
        "Kernels", "CUDADriver", "CUDAEmulator", "Kindling", "KindlingNN", "KindlingOptim", "TestSupport",
      ],
      path: "Tests/KernelTests"),
    .testTarget(
      name: "ModuleTests",
      dependencies: [
        "Kindling", "KindlingNN", "KindlingOptim", "KindlingData", "KindlingDistributed", "KindlingPage", "TestSupport",
      ],
      path: "Tests/ModuleTests"),
    .testTarget(
      name: "ProgramTests",
      dependencies: [
        "CUDADriver", "CUDAEmulator", "Kernels", "Kindling", "KindlingPage", "LessonKit", "devices", "compare",
        "practice", "clinic", "gpt", "process-checks", "TestSupport",
      ] + lessonPrograms,
      path: "Tests/ProgramTests"),
    .target(name: "TestSupport", dependencies: ["Kernels", "Kindling"], path: "Tests/Support"),
    // PyTorch's samples of its own operators, from Tests/Reference/samples; run it with Tests/run samples.
    .testTarget(
      name: "OperatorSamples", dependencies: ["Kindling", "KindlingNN", "KindlingOptim"],
      path: "Tests/OperatorSamples"),
  ],
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx20
)

// What only calls the library, reads options and compares needs no speed of its own, and compiles in half the time or less.
// (OperatorSamples reads and compares numbers by the hundred thousand.)
let callers = ["KindlingTests", "KernelTests", "ModuleTests", "ProgramTests", "exercise", "compare", "LessonKit"]
for target in package.targets where callers.contains(target.name) {
  target.swiftSettings = [.unsafeFlags(["-Onone"], .when(configuration: .release))]
}
