import { useEffect, useReducer } from "preact/hooks";
import { tickingText, type Line, type Ticking } from "../src/text/ticking-line.js";

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
  return typeof line === "string" ? <>{line}</> : <Counting line={line} />;
}

function Counting({ line }: { line: Ticking }) {
  const now = useNow(1000);
  return (
    <>
      {line.before}
      <span class="number">{tickingText(line, now)}</span>
      {line.after}
    </>
  );
}
