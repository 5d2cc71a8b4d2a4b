// Search by name: the names stand in names.js, so it works from disk. "/" goes there, arrows walk, Enter opens, Escape ends.
const find = document.getElementById("find");
const list = document.getElementById("found");

function rank(name, words) {
  const last = name.split(".").at(-1);
  if (name === words || last === words) return 0;
  if (last.startsWith(words)) return 1;
  if (name.startsWith(words)) return 2;
  return name.includes(words) ? 3 : 4;
}

function show() {
  const words = find.value.trim().toLowerCase().replace(/^torch\.(nn\.functional)?/, "").replace(/\s+/g, "_");
  list.replaceChildren();
  list.hidden = !words;
  if (!words) return;
  const found = NAMES.map(([name, file, text]) => ({ name, file, text, rank: rank(name.toLowerCase(), words) }))
    .filter((each) => each.rank < 4).sort((a, b) => a.rank - b.rank || a.name.length - b.name.length).slice(0, 12);
  for (const { name, file, text } of found) {
    const link = document.createElement("a"), code = document.createElement("code"), small = document.createElement("small");
    link.href = file;
    code.textContent = name;
    small.textContent = text;
    link.append(code, small);
    list.append(Object.assign(document.createElement("li"), {}));
    list.lastChild.append(link);
  }
  if (!found.length) list.append(Object.assign(document.createElement("li"), { textContent: "There is no such name." }));
}

find.addEventListener("input", show);
document.addEventListener("keydown", (event) => {
  const links = [...list.querySelectorAll("a")], at = links.indexOf(document.activeElement);
  const typing = /^(INPUT|TEXTAREA)$/.test(document.activeElement.tagName);
  if (event.key === "/" && !typing) {
    event.preventDefault();
    find.focus();
  } else if (event.key === "Escape" && !list.hidden) {
    find.value = "";
    show();
    find.focus();
  } else if (event.key === "Enter" && document.activeElement === find && links.length) {
    links[0].click();
  } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && (at >= 0 || document.activeElement === find)) {
    event.preventDefault();
    const next = at + (event.key === "ArrowDown" ? 1 : -1);
    (next < 0 ? find : links[Math.min(next, links.length - 1)])?.focus();
  }
});
document.addEventListener("click", (event) => { if (!event.target.closest(".search")) list.hidden = true; });
document.getElementById("keys").hidden = false;
