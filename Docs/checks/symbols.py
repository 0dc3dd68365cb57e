"""The public symbols of the library, from the compiler's symbol graphs of what was last built in release."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlparse

MODULES = ["Kindling", "KindlingArrays", "KindlingNN", "KindlingOptim", "KindlingData", "KindlingDistributed",
           "KindlingPage"]


@dataclass
class Symbol:
    name: str  # such as Tensor.mm(_:)
    path: Path
    line: int
    is_documented: bool
    identifier: str  # the compiler's


class NotBuilt(Exception):
    pass


def extract(root: Path, programs: Path, folder: Path) -> None:
    """Writes MODULE.symbols.json of each module, and one for its extensions of other modules. Takes half a second."""
    modules = programs / "Modules"
    for module in MODULES:
        if not (modules / f"{module}.swiftmodule").exists():
            raise NotBuilt(f"there is no built {module} in {modules}; run: swift build --configuration release")
    # The modules in C, which Kindling imports: the maps that SwiftPM made, and those that the sources have.
    maps = [*programs.glob("*.build/module.modulemap"), *root.glob("Sources/*/include/module.modulemap")]
    maps += root.glob("Sources/*/module.modulemap")
    options = [f"-fmodule-map-file={path}" for path in sorted(maps)]
    options += [f"-I{path}" for path in sorted(root.glob("Sources/*/include"))]
    search = ["-I", str(modules), "-module-cache-path", str(programs / "ModuleCache")]
    search += [word for option in options for word in ("-Xcc", option)]
    folder.mkdir(parents=True, exist_ok=True)
    for module in MODULES:
        extract_module(module, search, folder)


def extract_module(module: str, search: list[str], folder: Path) -> None:
    target = json.loads(run(["swift", "-print-target-info"]))["target"]["triple"]
    # Without inherited documentation: a comment counts where it was written.
    run(["swift", "symbolgraph-extract", "-module-name", module, "-target", target, *search,
         "-minimum-access-level", "public", "-skip-synthesized-members", "-skip-inherited-docs",
         "-emit-extension-block-symbols", "-output-dir", str(folder)])


def run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise NotBuilt(f"{' '.join(command[:2])} failed:\n{(done.stdout + done.stderr).strip()}")
    return done.stdout


def read(folder: Path) -> list[Symbol]:
    """Every symbol that somebody wrote. What the compiler adds, such as init(rawValue:), has no place in a file."""
    found = []
    for graph in sorted(folder.glob("*.symbols.json")):
        for symbol in json.loads(graph.read_text())["symbols"]:
            if "location" not in symbol or symbol["kind"]["identifier"] == "swift.extension":
                continue
            comment = "".join(line["text"] for line in symbol.get("docComment", {}).get("lines", []))
            path = Path(unquote(urlparse(symbol["location"]["uri"]).path))
            line = symbol["location"]["position"]["line"] + 1
            name = ".".join(symbol["pathComponents"])
            found.append(Symbol(name, path, line, bool(comment.strip()), symbol["identifier"]["precise"]))
    return sorted(found, key=lambda symbol: (str(symbol.path), symbol.line, symbol.name))
