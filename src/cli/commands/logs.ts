import { BREADCRUMB_COMPONENT, parseBreadcrumb } from "../../log/breadcrumbs.js";
import { followLog } from "../../log/follow.js";
import { isBreadcrumbLine, parseLogLine, type LogLevel } from "../../log/line.js";
import { readLastLines } from "../../log/reader.js";
import { EXIT, UsageError } from "../exit-code.js";
import { specOf, type Invocation } from "../invocation.js";
import { isReaderGone, READER_LOOK_MS } from "../terminal/reader-gone.js";
import type { Style, Terminal } from "../terminal/terminal.js";

const DEFAULT_LINES = 50;

export async function run(invocation: Invocation<"logs">): Promise<number> {
  const { options, terminal, json } = invocation;
  const count = readCount(options.lines);
  const { log } = specOf(invocation).paths;
  const filter = options.breadcrumbs ? isBreadcrumbLine : undefined;
  const show = json
    ? (line: string) => terminal.print(JSON.stringify(parsed(line)))
    : (line: string) => terminal.print(painted(terminal, line));

  const page = await readLastLines(log, count, filter ? { filter } : {});
  for (const { text } of page.lines) show(text);
  if (options.follow) {
    const onLines = (lines: string[]): void => {
      for (const line of lines) if (!filter || filter(line)) show(line);
    };
    await untilEnded((signal) =>
      followLog(log, onLines, {
        signal,
        from: page.end ?? "start",
        onNotice: (text) => terminal.say(`lockstep: ${text}`),
      }),
    );
    return EXIT.done;
  }
  // The last line of a crashed daemon may lack its newline.
  if (page.unfinished !== "" && (!filter || filter(page.unfinished))) show(page.unfinished);
  if (page.end === undefined) terminal.say(`lockstep: no log yet: ${log}`);
  return EXIT.done;
}

function readCount(text: string | undefined): number {
  if (text === undefined) return DEFAULT_LINES;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`-n is "${text}": give a number of lines, such as 200`);
}

/** Only the user or the reader of the output ends --follow, so ctrl-c is not a failure. */
async function untilEnded(act: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const end = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => end.abort());
  const look = setInterval(() => {
    if (isReaderGone()) end.abort();
  }, READER_LOOK_MS);
  try {
    await act(end.signal);
  } finally {
    clearInterval(look);
  }
}

/** A line as JSON. Lines that other programs wrote into the log have only `text`. */
function parsed(line: string): object {
  const read = parseLogLine(line);
  if (!read) return { at: null, level: null, component: null, text: line };
  const { at, level, component, text } = read;
  const breadcrumb = level === "event" ? parseBreadcrumb(BREADCRUMB_COMPONENT, text) : undefined;
  return { at: at?.toISOString() ?? null, level, component, text, ...(breadcrumb && { breadcrumb }) };
}

const LEVEL_STYLE: Record<LogLevel, Style | undefined> = {
  debug: "dim",
  info: undefined,
  warn: "yellow",
  error: "red",
  event: "cyan",
};

function painted(terminal: Terminal, line: string): string {
  const level = parseLogLine(line)?.level;
  const style = level && LEVEL_STYLE[level];
  return style ? terminal.paint(style, line) : line;
}
