import assert from "node:assert/strict";
import { test } from "node:test";

import { createAsking } from "../../aejax/ui/canvas/frontend/asking.js";

function desk() {
  const sent = [];
  let now = 1000;
  const asking = createAsking((kind, request) => sent.push([kind, request]), () => now);
  return { sent, asking, wait: (time) => (now += time) };
}

test("one request is in flight, and of those that wait the newest is sent", async () => {
  const { sent, asking } = desk();
  const first = asking.ask("decode", { code: 1 });
  const second = asking.ask("decode", { code: 2 });
  const third = asking.ask("decode", { code: 3 });
  assert.equal(sent.length, 1);
  assert.equal(await second, null);
  asking.receive({ decode: sent[0][1].number }, () => ({ values: "one" }));
  assert.deepEqual(await first, { values: "one" });
  assert.deepEqual(sent.map(([, request]) => request.code), [1, 3]);
  asking.receive({ decode: sent[1][1].number }, () => ({ values: "three" }));
  assert.deepEqual(await third, { values: "three" });
  assert.ok(!asking.busy("decode"));
});

test("kinds do not wait for one another", () => {
  const { sent, asking } = desk();
  asking.ask("decode", {});
  asking.ask("inspect", {});
  assert.deepEqual(sent.map(([kind]) => kind), ["decode", "inspect"]);
});

test("a reply to an older request is not taken for an answer", async () => {
  const { sent, asking } = desk();
  const asked = asking.ask("decode", { code: 1 });
  asking.receive({ decode: sent[0][1].number - 1 }, () => "stale");
  assert.ok(asking.busy("decode"));
  asking.receive({ decode: sent[0][1].number }, () => "fresh");
  assert.equal(await asked, "fresh");
});

test("numbers grow even where the clock stands still", () => {
  const { sent, asking } = desk();
  for (let turn = 0; turn < 3; turn++) {
    asking.ask("decode", {});
    asking.receive({ decode: sent.at(-1)[1].number }, () => null);
  }
  const numbers = sent.map(([, request]) => request.number);
  assert.deepEqual(numbers, [1000, 1001, 1002]);
});

test("a request that was lost does not hold up those after it for ever", () => {
  const { sent, asking, wait } = desk();
  asking.ask("decode", { code: 1 });
  wait(9000);
  asking.ask("decode", { code: 2 });
  assert.equal(sent.length, 1);
  wait(9000);
  asking.ask("decode", { code: 3 });
  assert.deepEqual(sent.map(([, request]) => request.code), [1, 3]);
});
