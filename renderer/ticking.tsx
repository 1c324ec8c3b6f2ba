import { useEffect, useState } from "preact/hooks";
import type { Line } from "../electron/view/words.js";
import { duration } from "./durations.js";

/** Epoch ms, anew every `everyMs`; it stands still while nobody can see the window. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    let timer: ReturnType<typeof setInterval> | undefined;
    const run = (): void => {
      clearInterval(timer);
      if (document.hidden) return;
      setNow(Date.now());
      timer = setInterval(() => setNow(Date.now()), everyMs);
    };
    run();
    document.addEventListener("visibilitychange", run);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", run);
    };
  }, [everyMs]);
  return now;
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
