// Moves a stepper: buttons, slider, and the keys Left, Right, Home, End. All steps stand in the page as JSON.
(function (root) {
  const { steps, words } = JSON.parse(root.querySelector("script[type='application/json']").textContent);
  const find = (selector) => root.querySelector(selector);
  const slider = find("input[type=range]");
  let at = 0;

  function show(wish) {
    at = Math.max(0, Math.min(steps.length - 1, wish));
    const step = steps[at];
    find(".where").textContent = words[step.phase] + " " + (at + 1) + " / " + steps.length + " · " + step.node;
    slider.value = at;
    slider.setAttribute("aria-valuetext", find(".where").textContent);
    find(".first").disabled = find(".back").disabled = at === 0;
    find(".next").disabled = find(".last").disabled = at === steps.length - 1;
    root.querySelectorAll("[data-node]").forEach((box) => {
      const name = box.dataset.node;
      box.querySelector(".value").textContent = step.values[name] ?? "·";
      box.querySelector(".gradient").textContent = step.gradients[name] ?? (box.classList.contains("data") ? "–" : "·");
      box.classList.toggle("known", name in step.values);
      box.classList.toggle("partial", name in step.gradients && step.waiting[name] > 0);
      box.classList.toggle("complete", name in step.gradients && !(step.waiting[name] > 0));
      box.classList.toggle("current", name === step.node);
    });
    root.querySelectorAll("[data-edge]").forEach((edge) => {
      edge.classList.toggle("reads", step.phase === "forward" && edge.dataset.edge.split("-")[1] === step.node);
      edge.classList.toggle("pays", step.edges.includes(edge.dataset.edge));
    });
    find(".formula").innerHTML = step.formula;
    find(".paying").innerHTML = step.code;
    find(".panels").className = "panels " + step.phase;
    root.querySelectorAll(".program span").forEach((line, i) => {
      line.classList.toggle("now", i === step.line);
      line.setAttribute("aria-current", i === step.line ? "step" : "false");
    });
  }

  find(".first").onclick = () => show(0);
  find(".back").onclick = () => show(at - 1);
  find(".next").onclick = () => show(at + 1);
  find(".last").onclick = () => show(steps.length - 1);
  slider.oninput = () => show(Number(slider.value));
  root.addEventListener("keydown", (event) => {
    const move = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: steps.length - 1 }[event.key];
    if (move === undefined) return;
    event.preventDefault();
    show(move);
  });
  show(0);
})(document.currentScript.parentElement);
