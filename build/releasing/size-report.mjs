// The sizes of a release, compared with the previous one.

/** @typedef {{ kind: string, arch: string | undefined, size: number }} SizedArtefact */

/**
 * @typedef {object} SizeReport
 * @property {string} version
 * @property {Record<string, number>} artefacts "deb x64" → bytes
 * @property {Record<string, number>} parts of the unpacked app → bytes
 */

/**
 * @param {string} version
 * @param {SizedArtefact[]} artefacts
 * @param {Record<string, number>} parts
 * @returns {SizeReport}
 */
export function sizeReport(version, artefacts, parts) {
  const sizes = artefacts.map(({ kind, arch, size }) => [arch === undefined ? kind : `${kind} ${arch}`, size]);
  return { version, artefacts: Object.fromEntries(sizes), parts };
}

/**
 * @param {SizeReport} report
 * @param {SizeReport} [previous]
 * @returns {string}
 */
export function sizeReportText(report, previous) {
  const parts = table(report.parts, previous?.parts);
  const title = `sizes of ${report.version}${previous === undefined ? "" : `, compared with ${previous.version}`}`;
  return [
    title,
    ...table(report.artefacts, previous?.artefacts),
    ...(parts.length > 0 ? ["biggest parts of the unpacked app", ...parts] : []),
  ].join("\n");
}

/** @param {Record<string, number>} sizes @param {Record<string, number>} [before] */
function table(sizes, before) {
  const names = Object.keys(sizes).sort((a, b) => (sizes[b] ?? 0) - (sizes[a] ?? 0));
  const gone = Object.keys(before ?? {}).filter((name) => !(name in sizes));
  const width = Math.max(...[...names, ...gone].map((name) => name.length));
  return [
    ...names.map((name) => line(name.padEnd(width), sizes[name] ?? 0, before && { size: before[name] })),
    ...gone.map((name) => `  ${name.padEnd(width)}      gone`),
  ];
}

/** @param {string} name @param {number} size @param {{ size: number | undefined } | undefined} before */
function line(name, size, before) {
  const text = `  ${name} ${megabytes(size).padStart(9)} MB`;
  if (before === undefined) return text;
  if (before.size === undefined) return `${text}  new`;
  const change = size - before.size;
  return `${text}  ${change < 0 ? "-" : "+"}${megabytes(Math.abs(change))} MB (${percent(change, before.size)})`;
}

/** @param {number} change @param {number} of */
function percent(change, of) {
  const value = of === 0 ? 0 : (change / of) * 100;
  return `${value < 0 ? "" : "+"}${value.toFixed(1)} %`;
}

/** @param {number} bytes */
function megabytes(bytes) {
  return (bytes / 1e6).toFixed(2);
}
