// The buttons of a lesson that only the browser can obey: the whole screen, a fresh start, a link.

const LABELS = { full: "Full screen", start: "Reset to the start", copy: "Copy link" };

async function full(told) {
  try {
    await (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen());
  } catch {
    told.textContent = "This browser does not let a page do that: press F11.";
  }
}

async function copy(told, about) {
  const link = new URL(location.href);
  if (about.teach) link.searchParams.set("teach", about.teach);
  else link.searchParams.delete("teach");
  try {
    await navigator.clipboard.writeText(link.href);
    told.textContent = "Copied.";
  } catch {
    told.textContent = `Copy it yourself: ${link.href}`;
  }
}

export default function ({ data, parentElement }) {
  const about = JSON.parse(data.about);
  const [bar, told] = [".bar", "span"].map((name) => parentElement.querySelector(name));
  const acts = { full, copy, start: () => location.assign(new URL(about.start, location.origin)) };
  bar.replaceChildren(
    ...about.buttons.map((name) => {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", textContent: LABELS[name], onclick: () => acts[name](told, about) });
      button.dataset.testid = `teach-${name}`;
      return button;
    }),
  );
}
