// Making elements and sentences. Whatever comes from the data goes through textContent, so no name can become markup.

let language = "en";

/** The sentence of that key in the page's language, with {name} replaced by what values has. */
function t(key, values = {}) {
  const table = language === "vi" ? VIETNAMESE : ENGLISH;
  const text = numbered(table[key] ?? ENGLISH[key] ?? key, values);
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** Chooses between one and many: {count#product|products}. */
function numbered(text, values) {
  return text.replace(/\{(\w+)#([^|}]*)\|([^}]*)\}/g, (_, name, one, many) => (values[name] === 1 ? one : many));
}

/** Like t, for values that may be elements: a list of texts and elements. */
function say(key, values = {}) {
  const table = language === "vi" ? VIETNAMESE : ENGLISH;
  const text = numbered(table[key] ?? ENGLISH[key] ?? key, values);
  const used = new Set();
  return text.split(/(\{\w+\})/).filter((part) => part !== "").map((part) => {
    const name = part.startsWith("{") ? part.slice(1, -1) : null;
    if (name === null || !(name in values)) return part;
    const value = values[name];
    // An element can stand in one place only, so whoever names it again gets a copy
    if (!(value instanceof Node) || !(used.has(value) || value.parentNode)) {
      used.add(value);
      return value;
    }
    return value.cloneNode(true);
  });
}

/** An element with attributes (on… are listeners, data an object, class a string) and children. */
function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  setAttributes(element, attributes);
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  setAttributes(element, attributes);
  element.append(...children.flat(Infinity).filter(Boolean));
  return element;
}

function setAttributes(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "data") for (const [key, text] of Object.entries(value)) element.dataset[key] = text;
    else element.setAttribute(name, value === true ? "" : value);
  }
}

function code(text, attributes = {}) {
  return el("code", attributes, text);
}

function button(label, act, attributes = {}) {
  return el("button", { type: "button", onclick: act, ...attributes }, label);
}

// The read-out beside the pointer or the keyboard's cursor, and the same for a screen reader.

let spoken = 0;

function showReadout(text, x, y) {
  const box = document.getElementById("readout");
  box.textContent = text;
  box.hidden = false;
  const width = box.offsetWidth, height = box.offsetHeight;
  const left = Math.min(Math.max(4, x + 14), document.documentElement.clientWidth - width - 4);
  const top = y - height - 12 < 4 ? y + 20 : y - height - 12;
  box.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
}

function hideReadout() {
  document.getElementById("readout").hidden = true;
}

function speak(text) {
  // Only the last of a quick row of moves is worth saying
  clearTimeout(spoken);
  spoken = setTimeout(() => { document.getElementById("live").textContent = text; }, 120);
}

function prefersStillness() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
