/**
 * Everything that servers may support. It is promised where servers come and go: clients read the capabilities once, and
 * never use one that was missing.
 */
export const EVERY_CAPABILITY = {
  tools: { listChanged: true },
  prompts: { listChanged: true },
  resources: { listChanged: true, subscribe: true },
  completions: {},
  logging: {},
} as const satisfies Record<string, object>;
