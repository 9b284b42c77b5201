// Evaluates the Plotly library that Python sends (gzipped, once a page) and hands it to the live figures.
// A promise on the window, for each component is a module of its own and they meet nowhere else.

export default function ({ data }) {
  const shelf = (window.aejaxPlotly ??= waiting());
  if (shelf.begun) return;
  shelf.begun = true;
  evaluate(data).then(shelf.resolve, shelf.reject);
}

function waiting() {
  const shelf = {};
  shelf.library = new Promise((resolve, reject) => Object.assign(shelf, { resolve, reject }));
  return shelf;
}

// A plain script rather than an import: the library is a script that leaves its name on the window.
async function evaluate(zipped) {
  const plain = new Blob([zipped]).stream().pipeThrough(new DecompressionStream("gzip"));
  const source = new Blob([await new Response(plain).blob()], { type: "text/javascript" });
  const address = URL.createObjectURL(source);
  const script = Object.assign(document.createElement("script"), { src: address });
  await new Promise((loaded, failed) => {
    Object.assign(script, { onload: loaded, onerror: () => failed(new Error("Plotly did not load")) });
    document.head.append(script);
  });
  URL.revokeObjectURL(address);
  return window.Plotly;
}
