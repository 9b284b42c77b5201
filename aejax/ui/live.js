// A Plotly figure that is redrawn in place: zoom, hidden traces and the picture itself outlast new data.

const newest = new WeakMap();
const SETTLING = 600; // milliseconds, longer than a double click

export default async function ({ data, parentElement }) {
  const place = parentElement.querySelector(".aejax-figure");
  newest.set(place, data);
  window.aejaxPlotly ??= waiting();
  const Plotly = await window.aejaxPlotly.library;
  await released(place);
  // Of the figures that came meanwhile only the last is drawn, and none once this element has left the page.
  if (newest.get(place) !== data || !place.isConnected) return;
  const { figure, label, height } = JSON.parse(new TextDecoder().decode(data));
  place.style.height = `${height}px`;
  place.setAttribute("aria-label", label);
  // The same object each time: with other settings the library begins anew, and zoom is lost.
  place.settings ??= settings(Plotly, label);
  await Plotly.react(place, figure.data, themed(figure.layout, place), place.settings);
  place.dataset.drawn = Number(place.dataset.drawn ?? 0) + 1;
  return () => Plotly.purge(place);
}

// Resolves when no pointer is held down on the figure: drawing anew would tear a zoom out of the reader's hand.
// And a moment later, for what the library makes of the gesture is complete only then, and lost by a redrawing before.
function released(place) {
  place.onpointerdown ??= () => {
    place.held = new Promise((up) => addEventListener("pointerup", () => setTimeout(up, SETTLING), { once: true })).then(() => {
      place.held = null;
    });
  };
  return place.held;
}

function waiting() {
  const shelf = {};
  shelf.library = new Promise((resolve, reject) => Object.assign(shelf, { resolve, reject }));
  return shelf;
}

function themed(layout, place) {
  const style = getComputedStyle(place);
  const color = (name) => style.getPropertyValue(`--st-${name}`).trim();
  const colors = color("chart-categorical-colors").split(",").filter(Boolean);
  const [text, ground, line] = ["text-color", "background-color", "border-color"].map(color);
  const axis = (given) => ({ gridcolor: line, zerolinecolor: line, linecolor: line, automargin: true, ...given });
  const axes = Object.keys(layout).filter((name) => /^[xy]axis\d*$/.test(name));
  return {
    ...layout,
    ...Object.fromEntries(axes.map((name) => [name, axis(layout[name])])),
    // Opaque, so that a picture saved from the dark theme can be read on white paper.
    paper_bgcolor: ground,
    plot_bgcolor: ground,
    font: { ...layout.font, color: text, family: style.getPropertyValue("--st-font").trim() || undefined },
    hoverlabel: { ...layout.hoverlabel, bgcolor: ground, bordercolor: line, font: { color: text } },
    colorway: layout.colorway ?? (colors.length ? colors : undefined),
    modebar: { bgcolor: "transparent", color: line, activecolor: text },
    autosize: true,
    uirevision: layout.uirevision ?? "kept",
  };
}

function settings(Plotly, label) {
  const filename = label.toLowerCase().replace(/[^a-z0-9]+/g, "-").slice(0, 60);
  const vector = {
    name: "svg",
    title: "Save as SVG",
    icon: Plotly.Icons.disk,
    click: (drawn) => Plotly.downloadImage(drawn, { format: "svg", filename }),
  };
  return {
    responsive: true,
    displaylogo: false,
    toImageButtonOptions: { format: "png", scale: 2, filename },
    modeBarButtonsToRemove: ["sendChartToCloud", "select2d", "lasso2d", "autoScale2d"],
    modeBarButtonsToAdd: [vector],
  };
}
