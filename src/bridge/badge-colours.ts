/**
 * Colours of the sign on the toolbar button, which takes no CSS: those of theme.css in light, since nobody knows the colour of the
 * toolbar. A test holds both together.
 */
export const badgeColours = {
  working: "#8a5200",
  failed: "#a32c14",
  done: "#2e6b34",
  text: "#ffffff",
} as const;
