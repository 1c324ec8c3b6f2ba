import { toOneLine } from "../../../text/escape-control-characters.js";
import { asObject } from "../../../wire/message.js";
import { formFields, readField, readYesNo, type FieldKind, type FieldValue, type FormField } from "./form-field.js";

/** Where a question is put to the user. */
export interface Prompt {
  say(line: string): void;
  /** Writes `text` and reads a line; undefined at the end of the input (Ctrl-D). */
  ask(text: string): Promise<string | undefined>;
}

/** The result of `elicitation/create`. */
export interface ElicitationResult {
  action: "accept" | "decline" | "cancel";
  content?: Record<string, FieldValue>;
}

/** Puts a hosted server's question to the user: an address to open, or a form, and then whether to send it. */
export async function askUser(server: string, params: unknown, prompt: Prompt): Promise<ElicitationResult> {
  const { message, mode, url, requestedSchema } = asObject(params);
  const question = typeof message === "string" ? toOneLine(message) : "(without a text)";
  prompt.say(`The server "${server}" asks: ${question}`);
  if (mode === "url") {
    prompt.say(`Open this address in a browser: ${String(url)}`);
    return confirm("Will you open it?", false, undefined, prompt);
  }
  const fields = formFields(requestedSchema);
  if (fields.length === 0) return confirm("Do you agree?", false, {}, prompt);
  const content = await fillIn(fields, prompt);
  return content === undefined ? { action: "cancel" } : confirm("Send this?", true, content, prompt);
}

/** Undefined when the user has ended the input. */
async function fillIn(fields: readonly FormField[], prompt: Prompt): Promise<Record<string, FieldValue> | undefined> {
  const content = Object.create(null) as Record<string, FieldValue>;
  for (const field of fields) {
    const value = await fillInField(field, prompt);
    if (value === "ended") return undefined;
    if (value !== undefined) content[field.key] = value.given;
  }
  return content;
}

async function fillInField(
  { title, kind, isRequired, fallback }: FormField,
  prompt: Prompt,
): Promise<{ given: FieldValue } | "ended" | undefined> {
  const choices = "choices" in kind ? kind.choices : [];
  choices.forEach((choice, index) => prompt.say(`  ${index + 1}. ${choice.title}`));
  const hints = [hintOf(kind), ...(isRequired || fallback !== undefined ? [] : ["optional"])];
  const hint = hints.filter((part) => part !== "").join(", ");
  const shownFallback = fallback === undefined ? "" : ` [${textOf(kind, fallback)}]`;
  for (;;) {
    const line = await prompt.ask(`${title}${hint === "" ? "" : ` - ${hint}`}${shownFallback}: `);
    if (line === undefined) return "ended";
    if (line.trim() === "") {
      if (fallback !== undefined) return { given: fallback };
      if (!isRequired) return undefined;
      prompt.say("  this is needed");
      continue;
    }
    const read = readField(kind, line);
    if ("value" in read) return { given: read.value };
    prompt.say(`  ${read.problem}`);
  }
}

async function confirm(
  question: string,
  byDefault: boolean,
  content: Record<string, FieldValue> | undefined,
  prompt: Prompt,
): Promise<ElicitationResult> {
  for (;;) {
    const line = await prompt.ask(`${question} ${byDefault ? "[Y/n]" : "[y/N]"} `);
    if (line === undefined) return { action: "cancel" };
    const isAccepted = line.trim() === "" ? byDefault : readYesNo(line);
    if (isAccepted === undefined) prompt.say("  answer yes or no");
    else if (isAccepted) return content === undefined ? { action: "accept" } : { action: "accept", content };
    else return { action: "decline" };
  }
}

function hintOf(kind: FieldKind): string {
  switch (kind.type) {
    case "boolean":
      return "yes or no";
    case "number":
      return kind.isInteger ? "a whole number" : "a number";
    case "choices":
      return "numbers, separated by commas";
    case "choice":
      return "a number";
    case "text":
      return kind.format ?? "";
  }
}

function textOf(kind: FieldKind, value: FieldValue): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  const choices = "choices" in kind ? kind.choices : [];
  const titleOf = (text: string): string => choices.find((choice) => choice.value === text)?.title ?? text;
  return Array.isArray(value) ? value.map(titleOf).join(", ") : titleOf(String(value));
}
