/** How a script can open the dialog of an input that no listener of the window hears; see test/pages/hidden.html. */
export const WAYS = [
  "clicked while detached",
  "opened by showPicker while detached",
  "clicked by an event while detached",
  "clicked by the method of a frame made at that moment",
  "in a detached label",
  "removed as soon as its dialog is open",
  "removed with the element around it",
  "in a closed shadow root",
  "in two closed shadow roots",
  "removed from a closed shadow root",
  "opened by showPicker in an open shadow root, and removed",
  "removed with the host of its closed shadow root",
  "moved into a shadow root, and removed from there",
] as const;
