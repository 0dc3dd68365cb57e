// Why a gradient is a product of these two matrices: first with the numbers of one element, then with letters.

function storyView(facts) {
  const { step, maker, index } = facts;
  const story = maker ? storyOf(step, step.operations[maker.place], maker.output) : null;
  if (!story) return [];
  const isSecond = story.kind === "second";
  const [i, j] = story.isTurned ? index.slice(-2).reverse() : index.slice(-2);
  const [rows, cols] = story.z.shape.slice(-2);
  const names = {
    w: code(operandName(step, story.w)), wT: code(transposedName(operandName(step, story.w))),
    x: code(operandName(step, story.x)), xT: code(transposedName(operandName(step, story.x))), z: code(nameOf(step, story.z)),
    dz: code(nameOf(step, story.dz)), i, j,
    link: button(operationName(step, story.place), jump(() => goToOperation(story.place)), { class: "link" }),
    where: t(isSecond ? (rows === 1 ? "onlyRow" : "everyRow") : cols === 1 ? "onlyColumn" : "everyColumn", { count: isSecond ? rows : cols }),
  };
  const key = isSecond ? "storySecond" : "storyFirst";
  const reasons = reasonsOf(facts, story, i, j);
  return [el("div", { class: "story", data: { story: story.kind } }, el("h3", {}, t("why")),
    reasons ? numberedReasons(step, story, reasons, names) : el("p", {}, say(key + "1", names)),
    el("p", {}, say(key + "2", names)))];
}

/**
 * The terms of the gradient as what the forward product did with the element: { k, factor, slope, value, at } for each
 * element of z that it went into, factor times, where the loss grows by slope for each unit. Null if they are not known.
 */
function reasonsOf({ terms, index, step }, story, i, j) {
  if (terms.length === 0 || story.z.shape.length !== index.length) return null;
  const isSecond = story.kind === "second";
  const lead = index.slice(0, -2);
  const list = terms.map(({ k, factors, value }) => {
    const [factor, slope] = isSecond && !story.isTurned ? factors : factors.slice().reverse();
    return { k, factor: factor.value, slope: slope.value, value, at: isSecond ? [...lead, k, j] : [...lead, i, k] };
  });
  const operand = isSecond ? story.w : story.x;
  const tensor = step.run.tensors[operand.id];
  if (tensor.shape.length !== index.length) return null;
  return { list, element: { tensor, index: [...lead, ...(operand.transposed ? [j, i] : [i, j])] } };
}

function numberedReasons(step, story, { list, element }, { link, z: made }) {
  const isSecond = story.kind === "second";
  const count = list.length;
  const shown = largestFew(list, ({ value }) => Math.abs(value));
  const more = count - shown.length;
  const z = (reason) => code(nameOf(step, story.z) + indexText(reason.at));
  const product = ({ factor, slope }, place) => `${place ? bracketed(num(factor, 4)) : num(factor, 4)} · ${bracketed(num(slope, 4))}`;
  const uses = shown.map((reason) => say("useInto", { factor: timesText(reason.factor), z: z(reason) }));
  const rest = list.reduce((sum, { value }) => sum + value, 0) - shown.reduce((sum, { value }) => sum + value, 0);
  const total = list.reduce((sum, { value }) => sum + value, 0);
  const isExact = shown.flatMap(({ factor, slope }) => [factor, slope]).concat(more ? rest : [], total).every((number) => num(number, 4) === num(number, 12));
  const sum = shown.map(product).concat(more ? bracketed(num(rest, 4)) : []).join(" + ");
  const first = shown[0];
  const grows = {
    z: z(first), factor: num(first.factor, 4), slope: num(first.slope, 4), product: product(first, 0),
    dz: code(nameOf(step, story.dz) + indexText(story.isTurned ? exchanged(first.at) : first.at)),
  };
  return [
    el("p", {}, say(count === 1 ? "usedOnce" : more ? "usedMany" : "used", {
      link, element: code(nameOf(step, element.tensor) + indexText(element.index)), z: made, line: t(isSecond ? "row" : "column"), count,
      times: t(count === 2 ? "twice" : "times", { count }), list: [...listOf(uses, count), more ? t("andMore", { count: more }) : ""],
    })),
    el("p", {}, say("grows", grows), shown.slice(1).map((reason) => [" ", t(isSecond ? "inRow" : "inColumn", { k: reason.k, product: product(reason, 0) })])),
    el("p", { data: { sum } }, say(count === 1 ? "addOne" : count === 2 ? "addTwo" : more ? "addMany" : "addAll", {
      count, more, rest: num(rest, 4), sum: el("strong", {}, `${sum} ${isExact ? "=" : "≈"} ${num(total, 4)}`),
    })),
  ];
}
