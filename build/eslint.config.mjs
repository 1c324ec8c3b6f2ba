// Lint rules. Formatting is prettier's; who may import whom is dependency-cruiser's.
import tseslint from "typescript-eslint";

/** @type {import("eslint").Linter.RulesRecord} */
const STYLE = {
  eqeqeq: ["error", "always"],
  "no-restricted-syntax": [
    "error",
    { selector: "ExportDefaultDeclaration", message: "Named exports only: a name that is the same everywhere." },
    { selector: "TSEnumDeclaration", message: "Use a union of string literals." },
  ],
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
    // `typeof import("koffi")` is how a module that is loaded lazily is named.
    { fixStyle: "inline-type-imports", disallowTypeAnnotations: false },
  ],
  // An async function without await is how an interface that returns a promise is met.
  "@typescript-eslint/require-await": "off",
  // TypeScript's noUnusedLocals and noUnusedParameters say it already, and agree with it on the leading underscore.
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
    // Plain JavaScript has no annotation to receive what JSON.parse returns; JSDoc's are casts.
    files: ["build/**/*.mjs"],
    rules: { "@typescript-eslint/no-unsafe-assignment": "off" },
  },
  {
    // The tools that read these files want a default export.
    files: ["build/*.config.mjs", "test/vitest.config.mts"],
    rules: { "no-restricted-syntax": "off" },
  },
);
