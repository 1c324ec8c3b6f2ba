import { describe, expect, it } from "vitest";

import { askUser, type Prompt } from "../../../../src/cli/call/question/ask.js";
import { formFields, readField } from "../../../../src/cli/call/question/form-field.js";

/** A user who types these lines, and then ends the input; `shown` is what the terminal shows. */
function user(...lines: string[]) {
  const shown: string[] = [];
  const prompt: Prompt = {
    say: (line) => void shown.push(line),
    ask: (text) => {
      shown.push(text);
      return Promise.resolve(lines.shift());
    },
  };
  return { shown, prompt };
}

const form = (properties: object, required: string[] = []): object => ({
  message: "Which?",
  requestedSchema: { type: "object", properties, required },
});

describe("a typed line for a field of a form", () => {
  const read = (schema: object, line: string): unknown => {
    const result = readField(formFields({ properties: { x: schema } })[0]!.kind, line);
    return "value" in result ? result.value : `(${result.problem})`;
  };
  it.each<[object, string, unknown]>([
    [{ type: "string" }, " as typed ", " as typed "],
    [{ type: "string", minLength: 3 }, "ab", "(at least 3 characters, given 2)"],
    [{ type: "string", maxLength: 2 }, "äöü", "(at most 2 characters, given 3)"],
    [{ type: "string", pattern: "^\\d+$" }, "x1", "(must match ^\\d+$)"],
    [{ type: "string", pattern: "([" }, "anything", "anything"],
    [{ type: "string", format: "email" }, "ada@example.org", "ada@example.org"],
    [{ type: "string", format: "email" }, "ada", "(must be an e-mail address)"],
    [{ type: "string", format: "uri" }, "nowhere", "(must be an address such as https://example.com)"],
    [{ type: "string", format: "date" }, "2026-13-01", "(must be a date such as 2026-01-31)"],
    [{ type: "string", format: "date-time" }, "2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z"],
    [{ type: "number", minimum: 0, maximum: 1 }, "0.5", 0.5],
    [{ type: "number", minimum: 0 }, "-1", "(must be 0 or more)"],
    [{ type: "number", maximum: 1 }, "2", "(must be 1 or less)"],
    [{ type: "integer" }, "1.5", "(must be a whole number)"],
    [{ type: "integer" }, "many", "(must be a whole number)"],
    [{ type: "boolean" }, "Y", true],
    [{ type: "boolean" }, "false", false],
    [{ type: "boolean" }, "maybe", "(answer yes or no)"],
    [{ type: "string", enum: ["red", "blue"] }, "2", "blue"],
    [{ type: "string", enum: ["red", "blue"], enumNames: ["Red", "Blue"] }, "Red", "red"],
    [{ type: "string", enum: ["10", "2"] }, "2", "2"],
    [{ type: "string", enum: ["red", "blue"] }, "3", "(choose a number from 1 to 2)"],
    [{ type: "string", oneOf: [{ const: "#f00", title: "Red" }] }, "1", "#f00"],
    [{ type: "array", items: { type: "string", enum: ["a", "b", "c"] } }, "3, a", ["c", "a"]],
    [{ type: "array", items: { anyOf: [{ const: "a", title: "A" }] }, maxItems: 1 }, "A", ["a"]],
    [{ type: "array", items: { enum: ["a", "b"] }, minItems: 2 }, "1", "(choose at least 2, separated by commas)"],
    [{ type: "array", items: { enum: ["a", "b"] }, maxItems: 1 }, "1,2", "(choose at most 1)"],
  ])("with the schema %j, %j is read as %j", (schema, line, expected) => {
    expect(read(schema, line)).toEqual(expected);
  });
});

describe("a hosted server's question in the terminal", () => {
  it("is a form, field by field, whose wrong values are asked for again", async () => {
    const { shown, prompt } = user("", "Ada", "old", "36", "", "2", "");
    const schema = form(
      {
        name: { type: "string", title: "Name", description: "as printed" },
        age: { type: "integer" },
        nick: { type: "string" },
        colour: { type: "string", enum: ["red", "blue"], default: "red" },
      },
      ["name", "age"],
    );
    expect(await askUser("people", schema, prompt)).toEqual({
      action: "accept",
      content: { name: "Ada", age: 36, colour: "blue" },
    });
    expect(shown).toEqual([
      'The server "people" asks: Which?',
      "Name (as printed): ",
      "  this is needed",
      "Name (as printed): ",
      "age - a whole number: ",
      "  must be a whole number",
      "age - a whole number: ",
      "nick - optional: ",
      "  1. red",
      "  2. blue",
      "colour - a number [red]: ",
      "Send this? [Y/n] ",
    ]);
  });

  it("takes defaults for empty answers", async () => {
    const { prompt } = user("", "", "", "", "y");
    const schema = form({
      text: { type: "string", default: "t" },
      number: { type: "number", default: 0 },
      flag: { type: "boolean", default: false },
      list: { type: "array", items: { enum: ["a", "b"] }, default: ["b"] },
    });
    expect(await askUser("s", schema, prompt)).toEqual({
      action: "accept",
      content: { text: "t", number: 0, flag: false, list: ["b"] },
    });
  });

  it.each<[string, string[], object]>([
    ["yes", ["yes"], { action: "accept", content: {} }],
    ["no", ["n"], { action: "decline" }],
    ["nothing", [""], { action: "decline" }],
    ["something else first", ["what?", "y"], { action: "accept", content: {} }],
    ["the end of the input", [], { action: "cancel" }],
  ])("without fields is answered with %s", async (_how, lines, expected) => {
    expect(await askUser("s", { message: "Really?" }, user(...lines).prompt)).toEqual(expected);
  });

  it("is declined when the filled form is not sent, and cancelled when the input ends before", async () => {
    const schema = form({ a: { type: "string" } });
    expect(await askUser("s", schema, user("x", "no").prompt)).toEqual({ action: "decline" });
    expect(await askUser("s", schema, user().prompt)).toEqual({ action: "cancel" });
  });

  it("shows an address to open, and is accepted without a content", async () => {
    const { shown, prompt } = user("y");
    const params = { mode: "url", message: "Log\nin", url: "https://example.org/auth", elicitationId: "1" };
    expect(await askUser("s", params, prompt)).toEqual({ action: "accept" });
    expect(shown.slice(0, 2)).toEqual([
      'The server "s" asks: Log in',
      "Open this address in a browser: https://example.org/auth",
    ]);
  });
});
