import { expect, it } from "vitest";
import { bytesText } from "../../../src/text/bytes.js";

it.each([
  [0, "0 B"],
  [12, "12 B"],
  [999, "999 B"],
  [1536, "1.5 kB"],
  [44_300, "44 kB"],
  [999_499, "999 kB"],
  [999_999, "1.0 MB"],
  [4.42e6, "4.4 MB"],
  [9.97e6, "10 MB"],
  [41.3e6, "41 MB"],
  [200 * 1024 * 1024, "210 MB"],
  [18.3e9, "18 GB"],
  [5e15, "5000 TB"],
])("%d bytes are written as %s", (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});
