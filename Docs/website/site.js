// Search, where the contents stand, and pages of steps within a chapter. The rest of the site works without it.
"use strict";

const root = document.body.dataset.root, language = document.body.dataset.language;
const box = document.querySelector("search"), input = box.querySelector("input"), list = box.querySelector("#hits");
let entries = null, chosen = -1;
box.hidden = false;

// A script rather than a request for data: that works from the disk too. It calls found().
function load() {
  if (entries) return;
  entries = [];
  const script = document.createElement("script");
  script.src = `${root}search.${language}.js`;
  document.head.append(script);
}

function found(all) {
  entries = all.map(([name, where, path, text]) => ({ name, where, path, text, key: bare(name), words: " " + bare(`${where} ${text}`) }));
  show();
}

// Without case and without the marks over letters, so that "tham so" finds "tham số".
function bare(text) {
  return text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/đ/g, "d");
}

// The smaller, the better; Infinity for no match. Every word must be somewhere.
function rank(entry, words) {
  let sum = 0;
  for (const word of words) {
    const last = entry.key.split("(")[0].split(".").pop();
    if (last === word || entry.key === word) sum += 0;
    else if (last.startsWith(word) || entry.key.startsWith(word)) sum += 1;
    else if (entry.key.includes(word)) sum += 2;
    else if (entry.words.includes(" " + word)) sum += 4;
    else return Infinity;
  }
  return sum;
}

function show() {
  const words = bare(input.value).split(/\s+/).filter(Boolean);
  const hits = words.length === 0 ? [] : entries
    .map((entry, place) => ({ entry, place, rank: rank(entry, words) }))
    .filter((hit) => hit.rank < Infinity)
    .sort((a, b) => a.rank - b.rank || a.entry.key.length - b.entry.key.length || a.place - b.place)
    .slice(0, 30);
  list.replaceChildren(...hits.map(({ entry }, index) => {
    const item = document.createElement("li"), link = document.createElement("a");
    const [path, anchor] = entry.path.split("#");
    link.href = root + path.split("/").map(encodeURIComponent).join("/") + (anchor ? "#" + encodeURIComponent(anchor) : "");
    link.tabIndex = -1;
    for (const [tag, text] of [["b", entry.name], ["small", entry.where], ["span", entry.text]]) {
      if (text) link.append(Object.assign(document.createElement(tag), { textContent: text }), " ");
    }
    item.id = `hit${index}`;
    item.role = "option";
    item.append(link);
    return item;
  }));
  if (words.length > 0 && hits.length === 0) {
    list.append(Object.assign(document.createElement("li"), { className: "none", textContent: list.dataset.none }));
  }
  list.hidden = words.length === 0;
  input.setAttribute("aria-expanded", String(!list.hidden));
  choose(hits.length > 0 ? 0 : -1);
}

function choose(index) {
  chosen = index;
  [...list.children].forEach((item, place) => item.setAttribute("aria-selected", String(place === index)));
  if (index >= 0) list.children[index].scrollIntoView({ block: "nearest" });
  input.setAttribute("aria-activedescendant", index >= 0 ? `hit${index}` : "");
}

input.addEventListener("focus", load);
input.addEventListener("input", () => { load(); show(); });
input.addEventListener("keydown", (event) => {
  const count = list.querySelectorAll("a").length;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    if (count > 0) choose((chosen + (event.key === "ArrowDown" ? 1 : count - 1)) % count);
    event.preventDefault();
  } else if (event.key === "Enter" && chosen >= 0) {
    list.children[chosen].querySelector("a").click();
    list.hidden = true;
  } else if (event.key === "Escape") {
    input.value = "";
    show();
    input.blur();
  }
});
document.addEventListener("click", (event) => { if (!box.contains(event.target)) list.hidden = true; });
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !event.ctrlKey && !event.metaKey && !/^(INPUT|TEXTAREA)$/.test(event.target.tagName)) {
    input.focus();
    event.preventDefault();
  }
});

// The entry that is being read is in sight.
const contents = document.querySelector("#contents"), current = contents.querySelector("[aria-current]");
if (current) contents.scrollTop = current.offsetTop - contents.clientHeight / 3;

// A page of steps has up to 3 MB, so that its frame is made when it is asked for. A lazy one would load as it comes into view.
for (const details of document.querySelectorAll(".walk details")) {
  details.addEventListener("toggle", () => {
    if (!details.open || details.querySelector("iframe")) return;
    const title = details.querySelector("summary").textContent;
    details.append(Object.assign(document.createElement("iframe"), { title, src: details.parentElement.querySelector("a").href }));
  });
}
