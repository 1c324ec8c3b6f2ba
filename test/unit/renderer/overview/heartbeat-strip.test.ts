import { describe, expect, it } from "vitest";
import type { HeartbeatView } from "../../../../electron/view/window-view.js";
import {
  stripColumns,
  stripStarts,
  stripText,
  longestLag,
  type Column,
} from "../../../../renderer/overview/heartbeat-strip.js";

const NOW = 1_000_000_000;
const MINUTE = 60_000;

/** Ten columns for ten seconds, a beat every second. */
function heartbeat(beats: [secondsAgo: number, lagMs: number][], more: Partial<HeartbeatView> = {}): HeartbeatView {
  const points = beats.map(([ago, lagMs]) => ({ at: NOW - ago * 1000, lagMs }));
  const lastBeatAt = points.at(-1)?.at ?? NOW;
  return { lastBeatAt, intervalMs: 1000, windowMs: 10_000, watched: true, beats: points, marks: [], ...more };
}

function drawn(view: HeartbeatView, now = NOW): string {
  const signs: Record<Column["is"], string> = { nothing: ".", beat: "|", slow: "!", gap: "_", asleep: "z" };
  return stripColumns(view, now, 10)
    .map(({ is }) => signs[is])
    .join("");
}

const steady = (from: number, to: number, lagMs = 1): [number, number][] =>
  Array.from({ length: from - to + 1 }, (_, n) => [from - n, lagMs]);

describe("the heartbeat strip", () => {
  it("is empty before the first beat", () => {
    expect(drawn(heartbeat([]))).toBe("..........");
    expect(drawn(heartbeat(steady(3, 0)))).toBe("......||||");
  });

  it("shows beats without a lag, and names no longest one", () => {
    const view = heartbeat(steady(3, 0));
    const bare = { ...view, beats: view.beats.map(({ at }) => ({ at, lagMs: undefined })) };
    expect(drawn(bare)).toBe("......||||");
    const columns = stripColumns(bare, NOW, 10);
    expect([longestLag(columns), stripText(bare, columns, 0)]).toEqual([
      undefined,
      expect.not.stringContaining("delay"),
    ]);
  });

  it("marks beats whose event loop lagged noticeably", () => {
    expect(
      drawn(
        heartbeat([
          [3, 1],
          [2, 150],
          [1, 99],
          [0, 1],
        ]),
      ),
    ).toBe("......|!||");
  });

  it("shows the worst of the beats that share a column", () => {
    const [column] = stripColumns(
      heartbeat([
        [0.4, 3],
        [0.2, 700],
        [0, 5],
      ]),
      NOW,
      10,
    ).slice(-2);
    expect(column).toMatchObject({ is: "slow", lagMs: 700 });
  });

  it("marks a gap between two beats", () => {
    expect(drawn(heartbeat([...steady(9, 7), ...steady(2, 0)]))).toBe("|||____|||");
  });

  it("marks a gap after the last beat", () => {
    expect(drawn(heartbeat(steady(9, 4)))).toBe("||||||___.");
  });

  it("shows no gap for one late beat", () => {
    expect(drawn(heartbeat([...steady(9, 4), [2, 1], [1, 1], [0, 1]]))).not.toContain("_");
  });

  it("shows a gap in which the machine slept as sleep", () => {
    const marks = [{ at: NOW - 2500, what: "woke" } as const];
    expect(drawn(heartbeat([...steady(9, 7), ...steady(2, 0)], { marks }))).toBe("|||zzzz|||");
  });

  it("moves by whole columns, and never changes a drawn one", () => {
    const beats = heartbeat(steady(9, 0));
    expect(drawn(beats, NOW + 999)).toBe("||||||||||");
    expect(drawn(beats, NOW + 1000)).toBe("|||||||||.");
  });

  it("grows with the logarithm of the lag, within its bounds", () => {
    const heights = [0, 1, 10, 100, 1000, 60_000].map((lagMs) => {
      const column = stripColumns(heartbeat([[0, lagMs]]), NOW, 10).at(-1);
      return column && "height" in column ? Number(column.height.toFixed(2)) : undefined;
    });
    expect(heights).toEqual([0.2, 0.2, 0.47, 0.73, 1, 1]);
  });

  it("marks the starts of other daemons, but not of the first one", () => {
    const started = (secondsAgo: number) => ({ at: NOW - secondsAgo * 1000, what: "started" }) as const;
    const marks = [started(9.5), started(4), { ...started(2), what: "ended" as const }];
    expect(stripStarts(heartbeat(steady(9, 0), { marks }), NOW, 10)).toEqual([5]);
  });

  it("has a summary for screen readers", () => {
    const view = { ...heartbeat([...steady(9, 7), [2, 12], [1, 1], [0, 1]]), windowMs: 10_000 };
    const columns = stripColumns(view, NOW, 10);
    expect(stripText({ ...view, windowMs: 5 * MINUTE }, columns, 1)).toBe(
      "Heartbeats of the last 5 min: 2 min without a heartbeat, 1 restart, longest event-loop delay 12 ms",
    );
    expect(longestLag(stripColumns(heartbeat([[0, 1900]]), NOW, 10))).toBe("1.9 s");
    expect(longestLag([])).toBe("0 ms");
  });
});
