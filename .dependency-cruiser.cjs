// Who may import whom. A folder is a subject, and the folders of src/ are rooms: one row each, with what the room may
// import besides itself, and why. A pure room imports no Electron and nothing of Node but node:path.

/** @type {Record<string, { imports: string[], pure?: true, why: string }>} */
const ROOMS = {
  text: { imports: [], pure: true, why: "Words and numbers as people read them, for the CLI, the app and its window." },
  version: { imports: [], pure: true, why: "The decision about a daemon is a function of plain facts." },
  wire: { imports: [], why: "Frames, JSON-RPC and the handshake are of use without the rest of Lockstep." },
  mcp: { imports: ["text", "wire"], pure: true, why: "What MCP says about a frame, without a process or a socket." },
  log: {
    imports: ["text", "version"],
    why: "The log, and the breadcrumbs in it with their causes, is read without a daemon.",
  },
  state: {
    imports: ["text", "version"],
    why: "The files of the state directory say which daemon runs; they start none.",
  },
  config: {
    imports: ["text", "state"],
    why: "servers.json is read and edited without a daemon, and edited under a lock of the state directory.",
  },
  install: {
    imports: ["text", "state", "version"],
    why: "What is installed, and where, whether or not a daemon runs.",
  },
  client: {
    imports: ["text", "version", "wire", "log", "state", "install"],
    why: "A client meets the daemon on the wire only, so that either side can be replaced.",
  },
  bridge: {
    imports: ["text", "wire", "mcp", "state", "client"],
    why: "A bridge is a client that has no words of its own: it passes an MCP host's frames on.",
  },
  servers: {
    imports: ["text", "version", "wire", "mcp", "log", "state", "config"],
    why: "Hosted servers run in the daemon, and know nothing of its clients' lifecycle.",
  },
  daemon: {
    imports: ["text", "version", "wire", "mcp", "log", "state", "config", "install", "servers"],
    why: "The daemon is the only program that hosts servers.",
  },
  cli: {
    imports: ["text", "version", "wire", "mcp", "log", "state", "config", "install", "client", "bridge"],
    why: "Commands go through the client, and start the daemon as a program of its own.",
  },
};

/** Re-exports what library users need. */
const LIBRARY_FACE = ["client", "version", "wire", "state"];
/** The app is another client. */
const APP = ["text", "version", "wire", "log", "state", "config", "install", "client"];
/** Parts of the app that are pure, and the pure rooms whose code they may call; types may come from anywhere. */
const PURE_PARTS_OF_THE_APP = "^electron/(model|view)/";

const inRooms = (names) => `^src/(${names.join("|")})/`;
const SOURCE = "^(src|electron|renderer)/";
const ELECTRON = "^(electron|menubar)$|node_modules/(electron|menubar)/";
/** Node's modules, but node:path, which only joins strings. Their types do no harm. */
const MACHINE = { pathNot: "^(node:)?path$", dependencyTypes: ["core"], dependencyTypesNot: ["type-only"] };

const pureRooms = Object.keys(ROOMS).filter((room) => ROOMS[room].pure);

const roomRules = Object.entries(ROOMS).map(([room, { imports, why }]) => ({
  name: `${room}-imports`,
  comment: `src/${room} may import ${imports.length > 0 ? imports.join(", ") : "nothing of the project"}. ${why}`,
  severity: "error",
  from: { path: `^src/${room}/` },
  to: { path: SOURCE, pathNot: inRooms([room, ...imports]) },
}));

const purityRules = pureRooms.map((room) => ({
  name: `${room}-is-pure`,
  comment: `src/${room} computes: no file, socket, process or clock of the machine, and no Electron.`,
  severity: "error",
  from: { path: `^src/${room}/` },
  to: MACHINE,
}));

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    ...roomRules,
    ...purityRules,
    {
      name: "library-face-imports",
      comment: `src/index.ts shows ${LIBRARY_FACE.join(", ")}.`,
      severity: "error",
      from: { path: "^src/index\\.ts$" },
      to: { path: SOURCE, pathNot: inRooms(LIBRARY_FACE) },
    },
    {
      name: "library-face-is-for-strangers",
      comment: "src/index.ts is for programs outside this project; electron/ imports the rooms themselves.",
      severity: "error",
      from: { path: SOURCE },
      to: { path: "^src/index\\.ts$" },
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
      to: { path: ELECTRON },
    },
    {
      name: "electron-goes-through-the-client",
      comment: `electron/ may import ${APP.join(", ")}: like the CLI it reaches the daemon through the client only.`,
      severity: "error",
      from: { path: "^electron/" },
      to: { path: "^(src|renderer)/", pathNot: inRooms(APP) },
    },
    {
      name: "model-and-view-are-pure",
      comment: "The app's state and its words are functions of plain data: nothing of the machine.",
      severity: "error",
      from: { path: PURE_PARTS_OF_THE_APP },
      to: MACHINE,
    },
    {
      name: "model-and-view-know-no-electron",
      comment: "The app's state and its words are tested without Electron.",
      severity: "error",
      from: { path: PURE_PARTS_OF_THE_APP },
      to: { path: ELECTRON },
    },
    {
      name: "model-and-view-call-pure-rooms",
      comment: `electron/model and electron/view call code of ${pureRooms.join(", ")}; types may come from anywhere.`,
      severity: "error",
      from: { path: PURE_PARTS_OF_THE_APP },
      to: { path: "^(src|electron)/", pathNot: [inRooms(pureRooms), PURE_PARTS_OF_THE_APP], preCompilationOnly: false },
    },
    {
      name: "renderer-is-a-view",
      comment: "renderer/ draws: types, its own files, src/text, and preact.",
      severity: "error",
      from: { path: "^renderer/" },
      to: { pathNot: "^renderer/|^src/text/|node_modules/preact/", preCompilationOnly: false },
    },
    {
      name: "product-knows-no-tests",
      severity: "error",
      from: { path: SOURCE },
      to: { path: "^(test|build)/" },
    },
    {
      name: "no-circular",
      comment: "No file needs itself in the end, not even for a type.",
      severity: "error",
      from: {},
      to: { circular: true },
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
