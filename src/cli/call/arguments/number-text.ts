/** A number as it is written in JSON, with all its digits. */
export interface NumberText {
  /** As JSON: without a plus sign and leading zeros, and with a digit on both sides of the point. */
  text: string;
  /** The same without point and exponent; undefined if it is no whole number. */
  whole: string | undefined;
}

const NUMBER = /^([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:[eE]([+-]?\d+))?$/;

/**
 * Reads a number without converting it, since JavaScript's would lose digits. Undefined if `text` is not a decimal
 * number, or one whose exponent is beyond what other programs can read.
 */
export function readNumberText(text: string): NumberText | undefined {
  const [matched, sign, digits = "", behindPoint, onlyBehind, exponent] = NUMBER.exec(text) ?? [];
  if (matched === undefined) return undefined;
  if (exponent !== undefined && !Number.isFinite(Number(matched))) return undefined;
  const minus = sign === "-" ? "-" : "";
  const integer = digits.replace(/^0+(?=\d)/, "") || "0";
  const fraction = behindPoint ?? onlyBehind ?? "";
  const point = fraction === "" ? "" : `.${fraction}`;
  const power = exponent === undefined ? "" : `e${exponent}`;
  return {
    text: `${minus}${integer}${point}${power}`,
    whole: wholeText(minus, integer + fraction, fraction, exponent),
  };
}

function wholeText(minus: string, digits: string, fraction: string, exponent = "0"): string | undefined {
  const significant = digits.replace(/^0+/, "").replace(/0+$/, "");
  if (significant === "") return "0";
  const zeros = Number(exponent) - fraction.length + (digits.length - digits.replace(/0+$/, "").length);
  return zeros < 0 ? undefined : `${minus}${significant}${"0".repeat(zeros)}`;
}
