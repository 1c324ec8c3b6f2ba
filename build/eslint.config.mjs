// Lint rules. Formatting is prettier's; who may import whom is dependency-cruiser's.
import tseslint from "typescript-eslint";

const SYNTAX = [
  { selector: "ExportDefaultDeclaration", message: "Use a named export, so that the name is the same everywhere." },
  { selector: "TSEnumDeclaration", message: "Use a union of string literals." },
];

/** A bound for a quiet machine fails on a busy one, and a retry hides why. */
const SYNTAX_OF_TESTS = [
  "CallExpression[callee.name=/^(it|describe|until|before(All|Each)|after(All|Each))$/] > Literal[raw=/^\\d/]",
  "CallExpression[callee.callee.object.name=/^(it|describe)$/] > Literal[raw=/^\\d/]",
  "CallExpression > ObjectExpression > Property[key.name='timeout'] > Literal[raw=/^\\d/]",
  "CallExpression > ObjectExpression > Property[key.name='retry'] > Literal[raw=/^\\d/]",
].map((selector) => ({ selector, message: "Wait with a bound of test/fixtures/bounds.ts, and retry nothing." }));

/** @type {import("eslint").Linter.RulesRecord} */
const STYLE = {
  eqeqeq: ["error", "always"],
  "no-restricted-syntax": ["error", ...SYNTAX],
  "object-shorthand": "error",
  "prefer-const": "error",
};

/** @type {import("eslint").Linter.RulesRecord} */
const TYPED = {
  "@typescript-eslint/no-floating-promises": "error",
  "@typescript-eslint/no-misused-promises": "error",
  "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
  "@typescript-eslint/no-explicit-any": "error",
  "@typescript-eslint/consistent-type-imports": [
    "error",
    // `typeof import("koffi")` is the type of a module that is loaded lazily.
    { fixStyle: "inline-type-imports", disallowTypeAnnotations: false },
  ],
  // Functions without an await are async where an interface requires a promise.
  "@typescript-eslint/require-await": "off",
  // TypeScript's noUnusedLocals and noUnusedParameters already report these, and allow a leading underscore too.
  "@typescript-eslint/no-unused-vars": "off",
};

export default tseslint.config(
  { ignores: ["dist/", ".cache/", "**/node_modules/"] },
  { linterOptions: { reportUnusedDisableDirectives: "error" }, rules: STYLE },
  {
    files: ["**/*.{ts,tsx,mts}", "build/**/*.mjs"],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ["./tsconfig.json", "./renderer/tsconfig.json", "./test/e2e/tray/tsconfig.json"],
        tsconfigRootDir: import.meta.dirname + "/..",
      },
    },
    rules: TYPED,
  },
  {
    // In plain JavaScript, the result of JSON.parse can only be typed with a JSDoc cast.
    files: ["build/**/*.mjs"],
    rules: { "@typescript-eslint/no-unsafe-assignment": "off" },
  },
  {
    files: ["test/{unit,model,integration,e2e,fixtures}/**/*.ts"],
    rules: { "no-restricted-syntax": ["error", ...SYNTAX, ...SYNTAX_OF_TESTS] },
  },
  {
    // The tools that read these files require a default export.
    files: ["build/*.config.mjs", "test/vitest.config.mts"],
    rules: { "no-restricted-syntax": "off" },
  },
);
