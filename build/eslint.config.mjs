// Lint rules. Formatting is prettier's; who may import whom is dependency-cruiser's.
import tseslint from "typescript-eslint";

/** @type {import("eslint").Linter.RulesRecord} */
const STYLE = {
  eqeqeq: ["error", "always"],
  "no-restricted-syntax": [
    "error",
    { selector: "ExportDefaultDeclaration", message: "Use a named export, so that the name is the same everywhere." },
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
    // The tools that read these files require a default export.
    files: ["build/*.config.mjs", "test/vitest.config.mts"],
    rules: { "no-restricted-syntax": "off" },
  },
);
