/** What only Chromium's panel has: nothing. An extension that ended leaves its scripts in open pages here. See `own.firefox.ts`. */

/** A style sheet. */
export const style: string = "";

/** Puts off that the cards leave by themselves. */
export function keepCards(_root: ShadowRoot): void {}
