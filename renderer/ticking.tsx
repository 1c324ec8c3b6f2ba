import { useEffect, useState } from "preact/hooks";
import type { Line } from "../electron/view/words.js";

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

/** How the heartbeat's age is written: with a tenth as long as that means something. */
export function age(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  return seconds < 9.95 ? `${seconds.toFixed(1)} s` : duration(ms);
}

/** `3 h 12 min`: the two largest units, in the same words as everywhere else. */
export function duration(ms: number): string {
  const seconds = Math.floor(Math.max(0, ms) / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return minutes < 10 ? `${minutes} min ${seconds % 60} s` : `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
