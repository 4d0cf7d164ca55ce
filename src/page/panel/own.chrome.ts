/** What only Chromium's panel has. As `own.firefox.ts`. */
/** A style sheet. */
export const style: string = "";

/** Keeps the cards of a panel for some more seconds. An extension that ended leaves its scripts in open pages here. */
export function keepCards(_root: ShadowRoot): void {}
