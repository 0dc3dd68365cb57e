"""The Swift side of the tables: a row's name is how a user of Kindling writes the operation, so it is its code as well."""

import re

TABLES = "../KernelTests/Operations/OperationTable{}.swift"
OPTIMIZERS = "../KernelTests/Optim/OptimizerRows.swift"


def operations(source, table):
    """OperationTableElementwise.swift and its like: the path, and what is in it."""
    lines = [
        *head(source, ("Kindling", "KindlingNN") if source == "losses" else ("Kindling",)),
        "extension OperationTable {",
        f"  static func {source}() -> OperationTable {{",
        f'    var table = OperationTable(reference: "{source}.json")',
    ]
    for name, (function, cases) in table.rows.items():
        inputs = ", ".join("abc"[: len(cases[0])])
        closure = (f"{inputs} in " if inputs else "") + code(name, function) + table.applied_to
        lines.append(f"    table.row({quoted(name)}) {{ {closure} }}")
    lines += ["    return table", "  }", "}", ""]
    return TABLES.format(source.capitalize()), "\n".join(lines)


def optimizers(rows):
    """OptimizerRows.swift: the path, and what is in it."""
    lines = [*head("optimizers", ("Kindling", "KindlingOptim")), "extension OptimizerTests {", "  static let rows: [Row] = ["]
    lines += [f"    Row(name: {quoted(name)}) {{ w, b in {name} }}," for name in rows]
    return OPTIMIZERS, "\n".join([*lines, "  ]", "}", ""])


def head(source, imports):
    note = f"// Written by Tests/Reference/generate.py from tables/{source}.py: to add a row, add it there."
    return [note, "// swift-format-ignore-file", "", *(f"import {module}" for module in imports), ""]


def quoted(name):
    return f'#"{name}"#' if '"' in name else f'"{name}"'


def code(name, function):
    """The row's code: its name, but for a remark in parentheses. What writes in place works on a copy of a."""
    text = re.sub(r" \([a-z, ]+\)$", "", name)
    if not getattr(function, "writes", False):
        return text
    unrecorded = re.fullmatch(r"noGrad \{ (.*) \}", text)
    change = "changed(a) { " + re.sub(r"\ba\b", "$0", unrecorded[1] if unrecorded else text) + " }"
    return f"noGrad {{ {change} }}" if unrecorded else change
