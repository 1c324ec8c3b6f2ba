import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { getNodeValue, parseTree, printParseErrorCode, type Node, type ParseError } from "jsonc-parser";
import { insertMember } from "../../src/config/insert-member.js";
import { memberOf } from "../../src/config/members.js";
import { positionAt } from "../../src/config/problem.js";
import { readFileIfThere, writeFileSafely } from "../../src/config/whole-file.js";
import { DEFAULT_SETTINGS, parseSettings, type SettingChange, type Settings } from "./settings.js";

export interface ReadSettings {
  /** Undefined if the file as a whole can't be used. */
  settings: Settings | undefined;
  /** What can't be used, in words. */
  problems: string[];
}

/**
 * Reads the settings; without a file they are the defaults. Comments and trailing commas are accepted, as in
 * servers.json. `home` is what `~` stands for in paths. Never throws, and changes nothing.
 */
export function readSettings(file: string, home: string): ReadSettings {
  try {
    const text = readFileIfThere(file);
    if (text === undefined) return { settings: DEFAULT_SETTINGS, problems: [] };
    const { settings, problems } = parseSettings(getNodeValue(treeOf(file, textIn(text).body)), home);
    return { settings, problems: problems.map((problem) => `${file}: ${problem}`) };
  } catch (error) {
    const why = error instanceof SettingsFileError ? error.message : `${file} can't be read: ${String(error)}`;
    return { settings: undefined, problems: [why] };
  }
}

/** The file was not changed; the message says why, for the user. */
class SettingsFileError extends Error {}

/**
 * Writes one setting into the file as it is now. Everything else in it stays: comments, the formatting, and keys that only
 * another version knows. Returns what takes the change back. Throws an Error if the file can't be parsed or written, and
 * has then changed nothing.
 */
export function changeSetting(file: string, { key, value }: SettingChange): () => void {
  const before = readFileIfThere(file);
  const { mark, body } = textIn(before ?? "");
  const tree = treeOf(file, body);
  const node = memberOf(tree, key);
  const after = node
    ? body.slice(0, node.offset) + JSON.stringify(value) + body.slice(node.offset + node.length)
    : insertMember(body, tree, key, value);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSafely(file, mark + after);
  return () => writeFileSafely(file, before ?? EMPTY_FILE);
}

const BYTE_ORDER_MARK = "\uFEFF";
const EMPTY_FILE = "{}\n";

/** An empty file stands for no settings. */
function textIn(text: string): { mark: string; body: string } {
  const mark = text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : "";
  const body = text.slice(mark.length);
  return { mark, body: body.trim() === "" ? EMPTY_FILE : body };
}

function treeOf(file: string, text: string): Node {
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true });
  const [error] = errors;
  if (error) {
    const { line, column } = positionAt(text, error.offset);
    const what = printParseErrorCode(error.error).replace(/(?<=.)[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
    throw new SettingsFileError(`${file}:${line}:${column} isn't valid JSON: ${what.toLowerCase()}`);
  }
  if (tree?.type !== "object") throw new SettingsFileError(`${file} must contain a JSON object, {…}`);
  return tree;
}
