import type { LoginEnvironment, ProcessEnvironment } from "../../state/login-environment.js";
import { exactDurationText } from "../../text/duration.js";

export interface CurrentLoginOptions {
  /** What the daemon was started with. */
  env: ProcessEnvironment;
  /** Called with a sentence when the login shell's variables are missing. */
  onProblem(problem: string): void;
  /** After a failure, the shell has answered. */
  onLate(): void;
}

/**
 * The login environment as it is now. The login shell is asked when it is first needed, again after a failure, and after
 * `refresh`. On a busy machine it can take a minute to answer; callers wait for a few seconds of that, and then get the
 * last known environment, or the daemon's own. A shell that is late goes on, while the next caller asks another one.
 */
export class CurrentLogin {
  readonly #options: CurrentLoginOptions;
  readonly #over = new AbortController();
  /** The last complete answer, unless it is out of date. */
  #fresh: Record<string, string> | undefined;
  #last: Record<string, string> | undefined;
  /** The shells that run, the oldest first. */
  #asked: Question[] = [];
  #failures = 0;

  constructor(options: CurrentLoginOptions) {
    this.#options = options;
  }

  async get(): Promise<Record<string, string>> {
    if (this.#fresh !== undefined) return this.#fresh;
    const question = this.#asked.find(({ isLate, isOutOfDate }) => !isLate && !isOutOfDate) ?? this.#ask();
    // A user whose shell always hangs does not wait that long for each server.
    const patienceMs = this.#failures === 0 ? PATIENCE_MS : PATIENCE_AGAIN_MS;
    const waitMs = question.since + patienceMs - performance.now();
    const answer = await within(question.answer, Math.max(0, waitMs));
    if (answer !== undefined) return answer.problem === undefined ? answer.env : (this.#last ?? answer.env);
    if (!question.isLate) {
      question.isLate = true;
      this.#fail(`yet: the login shell has not answered within ${exactDurationText(patienceMs)}`);
    }
    const { ownEnvironment } = await import("../../state/login-environment.js");
    return this.#last ?? ownEnvironment(this.#options.env);
  }

  /** The user's start-up files may have changed, so the shell is asked when the environment is needed next. */
  refresh(): void {
    this.#fresh = undefined;
    for (const question of this.#asked) question.isOutOfDate = true;
  }

  /** The shell's last answer was incomplete, or late. */
  get hasFailed(): boolean {
    return this.#failures > 0;
  }

  /** Ends the shell that is being asked. */
  stop(): void {
    this.#over.abort(new Error("the daemon ends"));
  }

  #ask(): Question {
    // The oldest is the next to answer, the newest is asked under today's conditions; more do not run at once.
    if (this.#asked.length >= MOST_SHELLS) this.#asked[1]?.abort.abort(new Error("another one was asked"));
    const abort = new AbortController();
    const question = { since: performance.now(), answer: this.#read(abort), abort, isLate: false, isOutOfDate: false };
    this.#asked.push(question);
    void question.answer.then(({ env, problem }) => {
      this.#asked = this.#asked.filter((other) => other !== question);
      if (this.#over.signal.aborted || abort.signal.aborted) return;
      if (problem !== undefined) return question.isLate ? undefined : this.#fail(problem);
      this.#last = env;
      if (!question.isOutOfDate) this.#fresh = env;
      const hadFailed = this.hasFailed;
      this.#failures = 0;
      for (const other of this.#asked.filter(({ isLate }) => isLate))
        other.abort.abort(new Error("another one answered"));
      if (hadFailed) this.#options.onLate();
    });
    return question;
  }

  async #read(abort: AbortController): Promise<LoginEnvironment> {
    const { readLoginEnvironment } = await import("../../state/login-environment.js");
    const reason = new Error(`it did not answer within ${exactDurationText(LIMIT_MS)}`);
    const timer = setTimeout(() => abort.abort(reason), LIMIT_MS);
    timer.unref();
    const signal = AbortSignal.any([abort.signal, this.#over.signal]);
    return readLoginEnvironment({ env: this.#options.env, signal }).finally(() => clearTimeout(timer));
  }

  #fail(problem: string): void {
    this.#failures++;
    const used = this.#last === undefined ? "The daemon's own is used instead" : "The one before is used instead";
    this.#options.onProblem(
      `the login environment could not be read ${problem}. ${used}; the shell is asked again when a server starts`,
    );
  }
}

/** One run of the login shell. */
interface Question {
  /** Of `performance.now()`. */
  since: number;
  answer: Promise<LoginEnvironment>;
  abort: AbortController;
  /** A caller went on without the answer. */
  isLate: boolean;
  isOutOfDate: boolean;
}

/** Undefined if it takes longer. */
async function within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), ms)));
  const settled = await Promise.race([promise, late]);
  clearTimeout(timer);
  return settled;
}

/** How long callers wait for the login shell, at first and after a failure, and how long it may take in all, ms. */
const PATIENCE_MS = 5_000;
const PATIENCE_AGAIN_MS = 2_500;
const LIMIT_MS = 60_000;
const MOST_SHELLS = 2;
