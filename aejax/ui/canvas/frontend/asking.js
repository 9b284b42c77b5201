// Requests to the server: one of a kind in flight, and of those that come meanwhile only the newest is sent.

const PATIENCE = 15000; // milliseconds after which a request counts as lost

/**
 * @param {(kind: string, request: object) => void} send
 * @param {() => number} clock
 */
export function createAsking(send, clock = () => Date.now()) {
  const lines = new Map();
  let last = 0;
  // Numbers go on growing over reloads of the page, for the server remembers the latest.
  const number = () => (last = Math.max(last + 1, clock()));

  const go = (kind, line) => {
    line.flying = line.waiting;
    line.waiting = null;
    line.flying.number = number();
    line.flying.since = clock();
    send(kind, { ...line.flying.request, number: line.flying.number });
  };

  /** The arrays that answer a request; null if a newer one overtook it or the server could not. */
  const ask = (kind, request) =>
    new Promise((resolve) => {
      const line = lines.get(kind) ?? { flying: null, waiting: null };
      lines.set(kind, line);
      line.waiting?.resolve(null);
      line.waiting = { request, resolve, number: 0 };
      if (line.flying && clock() - line.flying.since > PATIENCE) {
        line.flying.resolve(null);
        line.flying = null;
      }
      if (!line.flying) go(kind, line);
    });

  /** Hand over what came: the numbers that replies belong to, and their arrays. */
  const receive = (replies, arrays) => {
    for (const [kind, answered] of Object.entries(replies)) {
      const line = lines.get(kind);
      if (!line?.flying || answered !== line.flying.number) continue;
      const { resolve } = line.flying;
      line.flying = null;
      if (line.waiting) go(kind, line);
      resolve(arrays(kind));
    }
  };

  /** Whether a request of this kind is under way. */
  const busy = (kind) => Boolean(lines.get(kind)?.flying);

  return { ask, receive, busy };
}
