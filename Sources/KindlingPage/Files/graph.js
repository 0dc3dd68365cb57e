// The graph of the forward operations, with the current one.

function graphView(step, operation) {
  const { graph } = step;
  if (!graph || graph.vertices.length === 0) return null;
  const now = operation?.isRule ? operation.of : place.op;
  const arrow = svg("marker", { id: "arrow", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto" },
    svg("path", { d: "M0 0L8 4L0 8z" }));
  const edges = graph.edges.map((edge) => edgeView(graph, edge));
  const vertices = graph.vertices.map((vertex) => vertexView(step, vertex, now, operation));
  return svg("svg", {
    class: "graph", viewBox: `-4 -4 ${graph.width + 8} ${graph.height + 8}`, role: "group", "aria-label": t("graphLabel"),
    width: graph.width + 8, height: graph.height + 8,
  }, svg("defs", {}, arrow), edges, vertices);
}

function edgeView(graph, edge) {
  const points = edge.points ?? [];
  const middle = points[Math.floor(points.length / 2)];
  const before = points[Math.floor(points.length / 2) - 1] ?? middle;
  const at = edge.at ?? (middle && [(middle[0] + before[0]) / 2 + 4, (middle[1] + before[1]) / 2]);
  return svg("g", { class: "edge" },
    svg("path", { d: points.map(([x, y], i) => `${i ? "L" : "M"}${x} ${y}`).join(""), "marker-end": "url(#arrow)" }),
    at && edge.label ? svg("text", { x: at[0] + 3, y: at[1] + 3 }, edge.label) : null);
}

function vertexView(step, vertex, now, operation) {
  const isNow = vertex.operation !== null && vertex.operation === now && vertex.kind === "operation";
  const go = jump(() => (vertex.kind === "operation" && Number.isInteger(vertex.operation)
    ? goToOperation(vertex.operation)
    : Number.isInteger(vertex.tensor) && goToLeaf(vertex.tensor)));
  const shape = svg("rect", { x: vertex.x, y: vertex.y, width: vertex.width, height: vertex.height, rx: vertex.kind === "operation" ? 8 : 2 });
  const label = svg("text", { x: vertex.x + vertex.width / 2, y: vertex.y + vertex.height / 2 + 4.5, "text-anchor": "middle" }, cutTo(vertex.width, vertex.label));
  return svg("g", {
    class: `vertex ${vertex.kind} ${isNow ? `now ${operation.phase}` : ""}`, role: "button", tabindex: isNow ? "0" : "-1",
    "aria-label": vertex.label, "aria-current": isNow ? "step" : null,
    onclick: go, onkeydown: (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      event.stopPropagation();
      go();
    },
  }, svg("title", {}, vertex.label), shape, label);
}

/** As much of a label as fits; the whole one is in the vertex's title. */
function cutTo(width, label) {
  const most = Math.max(3, Math.floor((width - 6) / 6.4));
  return label.length <= most + 1 ? label : label.slice(0, most - 1) + "…";
}

function goToLeaf(id) {
  const step = currentStep();
  const tensor = step.run.tensors[id];
  goToTensor(id, completeIndex(tensor, markedIndex(step, place.marks, tensor)));
}
