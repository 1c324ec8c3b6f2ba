import { escapeToOneLine } from "../../../text/escape-control-characters.js";
import { describeType, descriptionOf, shapeOf } from "../arguments/json-schema.js";
import type { Schema } from "../arguments/schema-alternatives.js";
import type { Paint } from "../../status/status-view.js";
import type { Tool } from "./tool.js";

/** A tool as lines of text: its name and the first line of its description, then its arguments, required ones first. */
export function toolView({ name, description, inputSchema }: Tool, paint: Paint): string[] {
  const what = firstLine(description);
  const head = `  ${paint("bold", escapeToOneLine(name))}${what === "" ? "" : ` – ${what}`}`;
  const { properties, required } = shapeOf(inputSchema, inputSchema);
  const keys = [...properties.keys()].sort((a, b) => Number(required.includes(b)) - Number(required.includes(a)));
  return [
    head,
    ...keys.map((key) => argumentLine(key, properties.get(key) ?? {}, inputSchema, required.includes(key), paint)),
  ];
}

function argumentLine(key: string, schema: Schema, root: Schema, isRequired: boolean, paint: Paint): string {
  const type = escapeToOneLine(describeType(schema, root));
  const what = firstLine(descriptionOf(schema, root));
  const need = isRequired ? "" : ", optional";
  return `      ${escapeToOneLine(key)} ${paint("dim", `(${type}${need})`)}${what === "" ? "" : ` – ${what}`}`;
}

function firstLine(text: unknown): string {
  return typeof text === "string" ? escapeToOneLine(text.trim().split("\n", 1)[0] ?? "") : "";
}
