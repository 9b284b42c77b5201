"""What of a page the tabulator reaches, and whether one sees where it is."""

from typing import Any

_MARK = """() => {
  const every = (root) => [...root.querySelectorAll("*")].flatMap(
    (one) => [one, ...(one.shadowRoot ? every(one.shadowRoot) : [])]);
  const kinds = "a[href], button, input, select, textarea, summary, [tabindex='0']";
  const seen = (one) => one.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true })
    && one.getBoundingClientRect().width > 1 && !one.closest("[inert], [aria-hidden=true]");
  window.marked = every(document.querySelector("[data-testid=stMain]")).filter(
    (one) => one.matches(kinds) && !one.disabled && one.tabIndex >= 0 && seen(one));
  window.look = (one) => {
    const styles = [];
    for (let at = one, up = 0; at && up < 4; up += 1, at = at.parentElement ?? at.getRootNode().host) {
      const now = getComputedStyle(at);
      const outline = now.outlineStyle === "none" ? "" : now.outlineWidth + now.outlineColor;
      styles.push([outline, now.boxShadow, now.borderColor, now.backgroundColor]);
    }
    return JSON.stringify(styles);
  };
  window.looks = window.marked.map(window.look);
  window.marked[0]?.focus();
  return window.marked.length;
}"""

_NOW = """() => {
  let one = document.activeElement;
  while (one?.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
  const place = window.marked.indexOf(one);
  return [place, place < 0 || one.localName === "canvas" || window.look(one) !== window.looks[place]];
}"""

_NAMES = """(places) => places.map((place) => {
  const one = window.marked[place];
  const name = one.getAttribute("aria-label") ?? one.innerText ?? "";
  return `${one.getAttribute("role") ?? one.localName} ${name.trim()} ${one.outerHTML.slice(0, 120)}`;
})"""

# Of a group of radio buttons the tabulator reaches one, and the arrows the others.
_GROUPED = """(reached) => {
  const group = (one) => one.closest("[role=radiogroup]") ?? (one.type === "radio" ? one.name : null);
  const groups = new Set(reached.map((place) => group(window.marked[place])));
  return window.marked.flatMap((one, place) => group(one) && groups.has(group(one)) ? [place] : []);
}"""

# A table is a canvas that marks the cell within it, and goes from cell to cell.
_CELLS = 120


def _left(page: Any, places: list[int], reached: set[int]) -> list[int]:
    """Those of the places that are neither reached nor in a group with one that is."""
    return sorted({*places} - reached - {*page.evaluate(_GROUPED, sorted(reached))})


def missed(page: Any) -> list[str]:
    """What of the page's own part cannot be reached by the tabulator, or has no mark when it is."""
    # The mark would else come little by little.
    page.add_style_tag(content="* { transition: none !important; }")
    left = list(range(page.evaluate(_MARK)))
    reached, unseen = set(), set()
    # From what comes before the first of them, for only what the tabulator reaches is marked.
    page.keyboard.press("Shift+Tab")
    for _ in range(len(left) + _CELLS):
        page.keyboard.press("Tab")
        place, is_seen = page.evaluate(_NOW)
        if place >= 0:
            reached.add(place)
            if not is_seen:
                unseen.add(place)
        elif not (left := _left(page, left, reached)):
            break
    left = _left(page, left, reached)
    return [
        f"{what}: {name}"
        for what, places in (("not reached", left), ("no mark", sorted(unseen)))
        for name in page.evaluate(_NAMES, places)
    ]
