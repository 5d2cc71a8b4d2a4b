// A slider that shows one of several states which were all drawn beforehand.
(function (root) {
  const values = JSON.parse(root.dataset.values);
  const slider = root.querySelector("input");
  const states = [...root.children].filter((child) => child.tagName === "DIV");
  slider.oninput = () => {
    const at = Number(slider.value);
    states.forEach((state, i) => { state.hidden = i !== at; });
    root.querySelector("output").textContent = values[at];
    slider.setAttribute("aria-valuetext", values[at]);
  };
})(document.currentScript.parentElement);
