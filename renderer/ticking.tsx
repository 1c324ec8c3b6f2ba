import { useEffect, useReducer } from "preact/hooks";
import type { Line } from "../electron/view/words.js";
import { duration } from "./durations.js";

/** Epoch ms, as of this drawing, which is made anew every `everyMs`; not while nobody can see the window. */
export function useNow(everyMs: number): number {
  const [, draw] = useReducer((n: number) => n + 1, 0);
  useEffect(() => {
    let timer: ReturnType<typeof setInterval> | undefined;
    const run = (): void => {
      clearInterval(timer);
      if (document.hidden) return;
      draw(undefined);
      timer = setInterval(() => draw(undefined), everyMs);
    };
    if (!document.hidden) timer = setInterval(() => draw(undefined), everyMs);
    document.addEventListener("visibilitychange", run);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", run);
    };
  }, [everyMs]);
  return Date.now();
}

/** A line whose number counts by itself. */
export function Words({ line }: { line: Line }) {
  return typeof line === "string" ? <>{line}</> : <Counting {...line} />;
}

function Counting({ before, count, at, after }: Exclude<Line, string>) {
  const now = useNow(1000);
  const ms = count === "since" ? now - at : at - now;
  return (
    <>
      {before}
      <span class="number">{duration(count === "until" ? Math.max(0, ms) + 999 : ms)}</span>
      {after}
    </>
  );
}
