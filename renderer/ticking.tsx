import { useEffect, useReducer } from "preact/hooks";
import { tickingText, type Line, type Ticking } from "../src/text/ticking-line.js";

/** The current time, epoch ms. The component is redrawn every `everyMs` while the window is visible. */
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

/** A line of text; a number in it that changes every second counts here. */
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
