/** Records that no settings have: what they are, and what is stored. */
export const WRONG_SETTINGS: readonly (readonly [name: string, stored: unknown])[] = [
  ["a long text", "x".repeat(4_000_000)],
  ["values of wrong types", { version: "9", enabled: "no", sites: [], budget: 5, objective: {}, steps: -1 }],
  [
    "100,000 sites",
    { sites: Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`${i}.example`, false])) },
  ],
];
