import { asObject } from "../../../wire/message.js";
import { RpcError } from "../../../wire/rpc-error.js";
import type { Terminal } from "../../terminal/terminal.js";
import type { ElicitationResult } from "./ask.js";

/** Answers what a hosted server asks during a call, in the terminal, one question after the other. */
export class Questions {
  readonly #server: string;
  readonly #terminal: Terminal;
  /** Something else is shown on the terminal's last line. */
  readonly #beforeAsking: () => void;
  #last: Promise<unknown> = Promise.resolve();
  /** Questions that wait or are shown, by their request's id. */
  readonly #open = new Map<unknown, { isCancelled: boolean; cancel(): void }>();

  constructor(server: string, terminal: Terminal, beforeAsking: () => void) {
    this.#server = server;
    this.#terminal = terminal;
    this.#beforeAsking = beforeAsking;
  }

  /** The answer to a request of the server. Rejects with an RpcError for anything but a question. */
  onRequest(method: string, params: unknown, id: unknown): Promise<ElicitationResult> {
    if (method !== "elicitation/create") return Promise.reject(new RpcError(-32601, `Method not found: ${method}`));
    const question = { isCancelled: false, cancel: () => undefined };
    this.#open.set(id, question);
    const answer = this.#last
      .then(() => (question.isCancelled ? { action: "cancel" as const } : this.#ask(params, question)))
      .finally(() => this.#open.delete(id));
    this.#last = answer.catch(() => undefined);
    return answer;
  }

  /** The server no longer waits for an answer. */
  onCancelled(params: unknown): void {
    const question = this.#open.get(asObject(params)["requestId"]);
    if (question === undefined) return;
    question.isCancelled = true;
    question.cancel();
  }

  async #ask(params: unknown, question: { isCancelled: boolean; cancel(): void }): Promise<ElicitationResult> {
    const [{ askUser }, { TerminalPrompt }] = await Promise.all([import("./ask.js"), import("./terminal-prompt.js")]);
    if (question.isCancelled) return { action: "cancel" };
    this.#beforeAsking();
    const prompt = new TerminalPrompt(this.#terminal);
    question.cancel = () => {
      this.#terminal.insist("\nlockstep: the server no longer waits for this answer");
      prompt.close();
    };
    try {
      return await askUser(this.#server, params, prompt);
    } finally {
      prompt.close();
    }
  }
}
