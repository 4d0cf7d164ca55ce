/** What the popup says, section by section. */
import type { ClassObjectiveId, StrengthId } from "../../core/contract/protection-request.ts";

/** The objectives that people are offered; the command line has one more, for comparison. */
export type OfferedObjective = "features" | ClassObjectiveId;

export const popup = {
  master: {
    label: "Penumbra on all sites",
    on: "On",
    off: "Off",
  },

  site: {
    switchLabel: (site: string) => `Protect pictures on ${site}`,
    onList: "On: this site is protected by default.",
    onPerson: "On: you added this site.",
    onEverywhere: "On: you chose to protect all sites.",
    offPerson: "Off: pictures go out unchanged.",
    offNone: "Off: switch it on to protect pictures here.",
    paused: "Paused: Penumbra is off on all sites.",
    covers: (site: string) => `The switch is for all of ${site}.`,
    unpermitted: "Not running: the browser does not allow Penumbra on this site.",
    allow: "Allow",
    denied: "Still off: the browser did not get your permission for this site.",
    closed: {
      browser: {
        title: "Not on this page",
        text: "Extensions cannot run on the browser’s own pages. Open a website instead.",
      },
      store: {
        title: "Not on this page",
        text: "Extensions cannot run in an extension store. Open another website instead.",
      },
      file: {
        title: "Not on local files",
        text: "Penumbra works on websites, where pictures are sent to others.",
      },
    },
  },

  frames: {
    label: "Parts of this page from other sites",
    text: "Parts of this page come from other sites, where the browser does not let Penumbra run yet. Pictures that you choose in them go out unchanged.",
    allow: "Allow",
    allowLabel: (site: string) => `Allow Penumbra on ${site}`,
    reload: "Allowed. Reload the page once before you choose a picture there.",
  },

  sites: {
    heading: "Sites",
    text: "Well-known social sites are protected by default. Add others here: example.org includes photos.example.org.",
    name: "Site",
    placeholder: "example.org, or * for all sites",
    add: "Add",
    invalid: "That is not the name of a site. Type a name such as example.org, or * for all sites.",
    denied: "Not added: the browser did not get your permission.",
    on: "On",
    off: "Off",
    everywhere: "All sites",
    remove: "Remove",
    removeLabel: (site: string) => `Remove ${site}`,
  },

  empty: {
    title: "Nothing protected yet",
    text: "Choose a picture on a site as usual. Penumbra protects it before the site receives it.",
    off: "Switch Penumbra on, then choose a picture on a site as usual.",
  },

  running: {
    heading: "In progress",
    announce: (stage: string, fileName: string) => `${stage}: ${fileName}`,
    progress: (fileName: string) => `Progress of ${fileName}`,
  },

  result: {
    heading: "Last picture",
    cancelled: "You cancelled this picture",
    failed: "Not protected",
    stronger: "A higher strength changes more.",
    details: "Details",
    labelError: (name: string, label: string) => `${name} (“${label}”)`,
    maxChange: "Largest change",
    maxChangeValue: (value: string, inFile: string) =>
      inFile === value ? `${value} of 255` : `${value} of 255 (${inFile} in the file)`,
    psnr: "PSNR",
    psnrValue: (value: string) => `${value} dB`,
    quality: "Visual quality",
    qualityValue: (value: string) => `${value} of 100`,
    size: "File size",
    time: "Time",
    pixels: "Shrunk first",
    pixelsValue: ({ width, height }: { readonly width: number; readonly height: number }) =>
      `${width} × ${height}`,
    explanations: [
      [
        "Built-in network",
        "A small neural network that comes with Penumbra. It stands for the networks that others may train, but those may see your picture differently.",
      ],
      [
        "Feature error",
        "How likely it is, by the features that the built-in network sees, that the finished picture is one of many other photographs and not the original. Higher is better: features are what networks learn from.",
      ],
      [
        "Label error",
        "How little the built-in network still believes that the picture shows what it saw before. Higher is better: what the picture teaches then contradicts other pictures.",
      ],
      [
        "Bayes error",
        "How much the built-in network doubts its best guess. It may stay low when the network is sure of something else instead.",
      ],
      [
        "Largest change",
        "The largest change of any colour value that protects the picture, out of 255. JPEG, WebP and AVIF files change it once more when they are written; “in the file” counts both.",
      ],
      [
        "Visual quality",
        "How much of the change people see, by the measure SSIMULACRA 2. At 90 and above nobody tells the two pictures apart; at 70 a change is hard to notice, at 50 it is seen.",
      ],
      [
        "PSNR",
        "How closely the colour values of the finished picture resemble those of the original: higher is closer.",
      ],
    ] as readonly (readonly [string, string])[],
  },

  strength: {
    heading: "Strength",
    limit: (value: number) => `No colour value changes by more than ${value} of 255.`,
    choices: {
      invisible: {
        name: "Invisible",
        short: "Hard to find",
        text: "You would have to compare both pictures closely to find the change. This protects least: in our tests with small photographs, networks still learned four fifths of what they learn from unprotected ones.",
      },
      balanced: {
        name: "Balanced",
        short: "Hard to see",
        text: "Look closely at a face, a sky or an edge to notice the change. This is the usual choice.",
      },
      strong: {
        name: "Strong",
        short: "Easy to see",
        text: "The change shows along edges, on skin and in skies. This is the strongest protection.",
      },
    } satisfies Record<StrengthId, { name: string; short: string; text: string }>,
  },

  advanced: {
    heading: "Advanced",
    objective: "Method",
    objectives: {
      features: {
        name: "Features",
        tag: "recommended",
        text: "Makes a network see the features of other photographs in the picture, whatever it would call it. Of these three methods, it left the least to learn in our tests with photographs.",
      },
      overlap: {
        name: "Overlap",
        tag: "by names",
        text: "Makes a network take the picture for a thing with another name. In our tests with photographs, it left more to learn than Features.",
      },
      "bayes-error": {
        name: "Bayes error",
        tag: "the published method",
        text: "Makes a network see every kind of thing alike in the picture. In our tests with photographs, it mostly left more to learn than Overlap.",
      },
    } satisfies Record<OfferedObjective, { name: string; tag: string; text: string }>,
    surrogate: "Built-in networks",
    surrogateHint:
      "Penumbra tries its changes on what is built in. It stands for the networks that others may train.",
    shrinkFirst: "Shrink to the site’s size first",
    shrinkFirstHint:
      "Some sites make large pictures smaller. With this on, Penumbra does that first, and so protects the size that others will see. Where it does not know a site’s size, it shrinks nothing.",
    files: (count: number) =>
      count === 1
        ? "Penumbra remembers one file that it protected, so as not to change it again when you upload it elsewhere."
        : `Penumbra remembers ${count} files that it protected, so as not to change them again when you upload them elsewhere.`,
    filesHint: "It keeps a fingerprint of each on this computer, and no picture.",
    forget: "Forget",
    forgetLabel: "Forget which files Penumbra protected",
  },

  footer: {
    limit:
      "Figures are measured on the finished file with the built-in network; they are no promise about other networks.",
    privacy: "Penumbra works on this computer and sends nothing to anyone.",
  },
};
