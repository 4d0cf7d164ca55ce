/** What the popup says, section by section. */
import type { ProblemCode } from "../../core/contract/problem.ts";
import type { BudgetId, NameObjectiveId } from "../../core/contract/protection-request.ts";

/** The objectives that people are offered; the command line has one more, for comparison. */
export type OfferedObjective = "features" | NameObjectiveId;

export const popup = {
  master: {
    label: "Penumbra on all sites",
    on: "On",
    off: "Off",
  },

  site: {
    heading: "This site",
    switchLabel: (site: string) => `Protect pictures on ${site}`,
    onList: "On from the start on this site.",
    onPerson: "On: you added this site.",
    onEverywhere: "On: you chose to protect pictures on all sites.",
    offPerson: "Off: pictures go out unchanged.",
    offNone: "Off: switch it on to protect here.",
    paused: "Paused: Penumbra is off on all sites.",
    covers: (site: string) => `The switch is for all of ${site}.`,
    unpermitted: "Not running: the browser has not allowed Penumbra on this site.",
    allow: "Allow",
    denied: "Still off: the browser was not given permission for this site.",
    closed: {
      browser: {
        title: "Not on this page",
        text: "Browsers keep their own pages closed to extensions. Open a website instead.",
      },
      store: {
        title: "Not on this page",
        text: "Browsers keep extension stores closed to extensions. Open another website instead.",
      },
      file: {
        title: "Not on local files",
        text: "Penumbra works on websites, where pictures are sent to others.",
      },
    },
  },

  sites: {
    heading: "Sites",
    text: "Social sites are protected from the start. Add others here; each covers its subdomains.",
    name: "Site",
    placeholder: "example.org, or * for all sites",
    add: "Add",
    invalid: "That is not a site. Write it like example.org, or * for all sites.",
    denied: "Not added: the browser was not given permission.",
    on: "On",
    off: "Off",
    everywhere: "All sites",
    remove: "Remove",
    removeLabel: (site: string) => `Remove ${site}`,
  },

  empty: {
    title: "Nothing protected yet",
    text: "Choose a picture on a site as you always do; Penumbra protects it before the site receives it.",
    off: "Switch Penumbra on, then choose a picture on a site as you always do.",
  },

  running: {
    heading: "In progress",
    announce: (stage: string, fileName: string) => `${stage}: ${fileName}`,
    progress: (fileName: string) => `Progress of ${fileName}`,
  },

  result: {
    heading: "Last picture",
    before: "Before",
    after: "After",
    compare: "Before and after",
    difference: "Difference",
    view: "What to show",
    slider: "Move the line between before and after",
    sliderValue: (percent: number) => `${percent} % before, ${100 - percent} % after`,
    beforeAlt: "The picture as you chose it",
    afterAlt: "The picture as it was handed to the site",
    differenceAlt: "What was changed, amplified",
    differenceCaption: "Amplified. Even grey means: no change.",
    featureError: "Feature error",
    confidence: (label: string) => `The surrogate’s confidence in “${label}”`,
    bayesError: "Bayes error",
    maxChange: "Largest change",
    maxChangeValue: (value: string) => `${value} of 255`,
    psnr: "PSNR",
    psnrValue: (value: string) => `${value} dB`,
    ssim: "SSIM",
    size: "File size",
    time: "Time",
    pixels: "Shrunk first",
    pixelsValue: ({ width, height }: { readonly width: number; readonly height: number }) =>
      `${width} × ${height}`,
    picture: "Picture",
    to: "to",
    explain: "What these figures mean",
    explanations: [
      [
        "Feature error",
        "How likely the built-in network’s features make it that the finished picture is one of many other photographs, and not the one you chose. Higher is better: features are what a network learns from.",
      ],
      [
        "Confidence",
        "How sure the built-in network is that it still sees what it saw before. Lower afterwards is better: what the picture teaches then contradicts what other pictures teach.",
      ],
      [
        "Bayes error",
        "The share of mistakes that even the best classifier would make, estimated with the same network. Higher is better.",
      ],
      [
        "Largest change",
        "The biggest step of any colour value, out of 255. JPEG and WebP add some of their own when the file is written.",
      ],
      [
        "PSNR and SSIM",
        "How close the result is to the original; the higher, the closer. Smooth areas show a change first, whatever these say.",
      ],
    ] as readonly (readonly [string, string])[],
  },

  problem: {
    title: (code: ProblemCode) => (code === "cancelled" ? "You cancelled this picture" : "Not protected"),
  },

  budget: {
    heading: "Strength",
    limit: (value: number) => `At most ${value} of 255:`,
    choices: {
      subtle: {
        name: "Subtle",
        short: "Not to be seen",
        text: "hardly anyone will find it. The weakest protection: plain pictures keep most of what they teach.",
      },
      balanced: {
        name: "Balanced",
        short: "Hard to see",
        text: "look closely at a sky, or along edges, to find it. The usual choice.",
      },
      strong: {
        name: "Strong",
        short: "Easy to see",
        text: "it shows along edges, on skin and in skies. The strongest protection.",
      },
    } satisfies Record<BudgetId, { name: string; short: string; text: string }>,
  },

  advanced: {
    heading: "Advanced",
    objective: "Objective",
    objectives: {
      features: {
        name: "Features",
        tag: "recommended",
        text: "Moves the features that a network sees in the picture to where it sees those of other photographs, whatever it would call them. Of the three it left least to learn from photographs.",
      },
      overlap: {
        name: "Overlap",
        tag: "by names",
        text: "Moves the picture to where a network keeps pictures of things with other names. It left more to learn from photographs than Features did.",
      },
      "bayes-error": {
        name: "Bayes error",
        tag: "the published method",
        text: "Makes the picture look like every kind of thing alike. In our trials networks still learned more from it than with overlap.",
      },
    } satisfies Record<OfferedObjective, { name: string; tag: string; text: string }>,
    surrogate: "Surrogate network",
    surrogateHint: "The network that stands for those a scraper may train.",
    shrinkFirst: "Shrink to the site’s size first",
    shrinkFirstHint:
      "Some sites make large pictures smaller anyway. This way the protection is made, and measured, for the size that is shown. Where a site’s size is not known, nothing is shrunk.",
  },

  footer: {
    limit:
      "Figures are measured on the finished file with the built-in network; they are no promise about other networks.",
    privacy: "Penumbra works on this computer and sends nothing anywhere.",
  },
};
