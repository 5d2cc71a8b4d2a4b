// Lets the frame around a part of a lesson be as high as what is in it, also when a hint opens.
if (window.frameElement) {
  const fit = () => { window.frameElement.style.height = document.body.offsetHeight + "px"; };
  new ResizeObserver(fit).observe(document.body);
  window.addEventListener("load", () => setTimeout(fit, 50));
}
