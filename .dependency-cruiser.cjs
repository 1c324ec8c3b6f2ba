// Who may import whom. The folders of src/ are rooms; each row names the rooms that a room may import besides itself.
const ROOMS = {
  version: [],
  wire: [],
  state: ["version", "wire"],
  config: ["wire"],
  client: ["version", "wire", "state"],
  staging: ["version", "state"],
  host: ["wire", "state", "config", "version"],
  daemon: ["version", "wire", "state", "config", "host"],
  cli: ["client", "state", "version", "wire", "config"],
};
const LIBRARY_FACE = ["client", "version", "wire", "state", "config"];

const inRooms = (names) => `^src/(${names.join("|")})/`;
const SOURCE = "^(src|electron|renderer)/";

const roomRules = Object.entries(ROOMS).map(([room, allowed]) => ({
  name: `${room}-imports`,
  comment: `src/${room} may import ${allowed.length > 0 ? allowed.join(", ") : "nothing of the project"}.`,
  severity: "error",
  from: { path: `^src/${room}/` },
  to: { path: SOURCE, pathNot: inRooms([room, ...allowed]) },
}));

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    ...roomRules,
    {
      name: "config-imports-wire-types-only",
      comment: "src/config knows the wire's types, not its code.",
      severity: "error",
      from: { path: "^src/config/" },
      to: { path: "^src/wire/", preCompilationOnly: false },
    },
    {
      name: "library-face-imports",
      comment: `src/index.ts shows ${LIBRARY_FACE.join(", ")}.`,
      severity: "error",
      from: { path: "^src/index\\.ts$" },
      to: { path: SOURCE, pathNot: inRooms(LIBRARY_FACE) },
    },
    {
      name: "every-room-is-listed",
      comment: "A new folder under src/ needs its row in the table of rooms in .dependency-cruiser.cjs.",
      severity: "error",
      from: { path: "^src/", pathNot: [inRooms(Object.keys(ROOMS)), "^src/index\\.ts$"] },
      to: {},
    },
    {
      name: "source-knows-no-electron",
      comment: "src/ runs on plain Node.",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^(electron|menubar)$|node_modules/(electron|menubar)/" },
    },
    {
      name: "electron-goes-through-the-client",
      comment: "electron/ is a thin adapter: src/client, src/staging, src/index.ts, and types of src/wire.",
      severity: "error",
      from: { path: "^electron/" },
      to: { path: "^(src|renderer)/", pathNot: ["^src/(client|staging)/", "^src/index\\.ts$", "^src/wire/"] },
    },
    {
      name: "electron-imports-wire-types-only",
      severity: "error",
      from: { path: "^electron/" },
      to: { path: "^src/wire/", preCompilationOnly: false },
    },
    {
      name: "renderer-imports-types-only",
      comment: "renderer/ is a pure view: types, its own files, and preact.",
      severity: "error",
      from: { path: "^renderer/" },
      to: { pathNot: "^renderer/|node_modules/preact/", preCompilationOnly: false },
    },
    {
      name: "product-knows-no-tests",
      severity: "error",
      from: { path: SOURCE },
      to: { path: "^(test|build)/" },
    },
    {
      name: "no-circular",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "no-orphans",
      comment: "A file that nothing imports and that imports nothing is dead.",
      severity: "error",
      from: { orphan: true, path: "^(src|electron|renderer)/", pathNot: "/main\\.ts$|^src/index\\.ts$" },
      to: {},
    },
    {
      name: "no-unresolvable",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: "no-undeclared-package",
      comment: "What the product imports stands in package.json.",
      severity: "error",
      from: { path: SOURCE },
      // It takes peerDependenciesMeta for a list of packages that it does not know.
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown"], dependencyTypesNot: ["npm-peer"] },
    },
    {
      name: "names-that-say-something",
      comment: "A file is named after the question it answers; utils, helpers, common and manager answer none.",
      severity: "error",
      from: {},
      to: { path: "(^|[/-])(utils?|helpers?|common|manager)(\\.[cm]?[jt]s$|/)", pathNot: "node_modules" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: "specify",
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
    },
  },
};
