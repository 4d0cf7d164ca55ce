/** Words of the pieces that pages share. */

/** Two versions of a picture, to be compared. */
export const comparison = {
  before: "Before",
  after: "After",
  compare: "Before and after",
  difference: "Difference",
  view: "What to show",
  slider: "Move the line between before and after",
  sliderValue: (before: number) => `${before} % before, ${100 - before} % after`,
  beforeAlt: "The picture as you chose it",
  afterAlt: "The picture as the site received it",
  differenceAlt: "What was changed, amplified",
  differenceCaption: (gain: number) => `The change, ${gain} times as strong. Even grey means no change.`,
};

/** Two figures, before and after. */
export const beforeAfter = {
  to: "to",
};
