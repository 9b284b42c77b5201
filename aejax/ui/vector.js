// A second button beside the camera of every Plotly chart that Streamlit draws: the same picture as SVG.
// Streamlit takes settings of a chart as JSON, in which a button of one's own cannot be said. The camera reads its
// settings when it is pressed, so this button changes the format, presses the camera and changes it back.

const NAME = "Save as SVG";
const ICON = "M19 9h-4V3H9v6H5l7 7 7-7zM5 18v2h14v-2H5z";

export default function () {
  if (window.aejaxVector) return;
  window.aejaxVector = true;
  // A chart shows its buttons while the pointer or the focus is in it, and makes them anew when it is drawn anew.
  for (const entered of ["pointerover", "focusin"]) document.addEventListener(entered, equip, { passive: true });
}

function equip({ target }) {
  const chart = target instanceof Element ? target.closest(".js-plotly-plot") : null;
  // Figures that are redrawn in place have such a button of their own.
  if (!chart || chart.closest(".aejax-figure")) return;
  const camera = chart.querySelector('.modebar-btn[data-title^="Download plot"]');
  if (!camera || camera.parentElement.querySelector("[data-aejax-vector]")) return;
  const button = camera.cloneNode(false);
  button.removeAttribute("data-attr");
  button.dataset.title = NAME;
  button.dataset.aejaxVector = "";
  button.setAttribute("aria-label", NAME);
  button.innerHTML = `<svg viewBox="0 0 24 24" class="icon" height="1em" width="1em"><path d="${ICON}"></path></svg>`;
  button.addEventListener("click", () => save(chart, camera));
  camera.after(button);
}

function save(chart, camera) {
  const settings = chart._context;
  const { toImageButtonOptions: usual } = settings;
  settings.toImageButtonOptions = { ...usual, format: "svg" };
  camera.click();
  settings.toImageButtonOptions = usual;
}
