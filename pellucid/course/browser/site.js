// The switch of languages stays at the part that is being read: parts have the same names in all languages.
document.querySelectorAll(".languages a, .skip").forEach((link) => {
  if (link.className === "skip") return;
  const page = link.getAttribute("href");
  const parts = [...document.querySelectorAll("h2[id]")];
  link.addEventListener("click", () => {
    const passed = parts.filter((part) => part.getBoundingClientRect().top < 0.3 * window.innerHeight);
    if (passed.length) link.setAttribute("href", page + "#" + passed.at(-1).id);
  });
});
