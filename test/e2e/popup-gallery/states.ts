/** Every state the popup can be in, as models; shared by the unit tests and the gallery. */

import { DEFAULT_SETTINGS } from "../../../src/bridge/settings.ts";
import type { FinishedJob, Previews } from "../../../src/bridge/status.ts";
import type { ProtectionReport } from "../../../src/core/contract/protected-picture.ts";
import type { PopupModel, SiteState, SurrogateChoice } from "../../../src/pages/popup/model.ts";

export const NOW = Date.UTC(2026, 0, 15, 12, 0, 0);

const surrogates: readonly SurrogateChoice[] = [
  { id: "photographs", name: "Two networks", description: "EfficientNet-Lite0 and MobileNetV2, in turn." },
  { id: "other", name: "Another network", description: "Described differently." },
];

type OpenSite = Extract<SiteState, { kind: "open" }>;

const listed: OpenSite = {
  kind: "open",
  host: "bsky.app",
  site: "bsky.app",
  decidedBy: "list",
  enabled: true,
  permitted: true,
};

const added: OpenSite = {
  ...listed,
  host: "photos.example.org",
  site: "photos.example.org",
  decidedBy: "person",
};

export const report: ProtectionReport = {
  width: 376,
  height: 263,
  notices: [],
  bytesIn: 1_214_300,
  bytesOut: 1_287_900,
  backend: "wasm",
  surrogate: "photographs",
  objective: "features",
  epsilon: 8 / 255,
  steps: 60,
  featureErrorBefore: 0.12,
  featureErrorAfter: 0.9962,
  bayesErrorBefore: 0.07,
  bayesErrorAfter: 0.42,
  labelErrorBefore: 0.07,
  labelErrorAfter: 0.9991,
  label: 1,
  labelName: "goldfish, Carassius auratus",
  maxPerturbation: 8,
  maxChange: 11,
  psnr: 34.18,
  ssim: 0.9462,
  ssimulacra2: 71.4,
  seconds: { decode: 0.05, ascend: 3.7, encode: 0.09, verify: 0.28, total: 4.12 },
};

/** A pixel of nothing, where no canvas is at hand. */
export const noPreviews: Previews = { before: "data:,", after: "data:,", difference: "data:," };

export function finished(
  previews: Previews = noPreviews,
  change: Partial<ProtectionReport> = {},
): FinishedJob {
  return {
    fileName: "goldfish.jpg",
    host: "bsky.app",
    finishedAt: NOW - 190_000,
    outcome: { ok: true, report: { ...report, ...change }, previews },
  };
}

/** All states by name; the pictures of results are `previews`. */
export function states(
  previews: Previews = noPreviews,
  tall: Previews = previews,
): Readonly<Record<string, PopupModel>> {
  const empty: PopupModel = {
    settings: DEFAULT_SETTINGS,
    site: listed,
    closedFrames: [],
    status: { running: [] },
    surrogates,
    protectedFiles: 3,
    now: NOW,
  };
  const working: PopupModel = {
    ...empty,
    status: {
      running: [
        { id: "1", fileName: "beach.jpg", host: "bsky.app", progress: { stage: "ascend", fraction: 0.42 } },
        { id: "2", fileName: "sunset.png", host: "bsky.app", progress: { stage: "waiting", fraction: 0 } },
      ],
    },
  };
  const failed = (job: Partial<FinishedJob>): PopupModel => ({
    ...empty,
    status: { running: [], last: { ...finished(), ...job } },
  });
  return {
    empty,
    running: working,
    result: { ...empty, status: { running: [], last: finished(previews) } },
    "result-middling": {
      ...empty,
      status: { running: [], last: finished(previews, { featureErrorAfter: 0.74 }) },
    },
    "result-low": {
      ...empty,
      status: { running: [], last: finished(previews, { featureErrorAfter: 0.31, epsilon: 4 / 255 }) },
    },
    "result-by-names": {
      ...empty,
      status: { running: [], last: finished(previews, { objective: "overlap", featureErrorAfter: 0.41 }) },
    },
    "result-tall": {
      ...empty,
      status: { running: [], last: finished(tall, { width: 3024, height: 4032, bytesOut: 1_001_000 }) },
    },
    "result-shrunk": {
      ...empty,
      settings: { ...DEFAULT_SETTINGS, shrinkFirst: true },
      status: {
        running: [],
        last: finished(previews, { width: 4096, height: 2731, shrunkFrom: { width: 6000, height: 4000 } }),
      },
    },
    "result-with-notices": {
      ...empty,
      status: {
        running: [],
        last: finished(previews, {
          notices: [
            { code: "format-changed", from: "HEIC", to: "JPEG", extension: "jpg" },
            { code: "gain-map" },
            { code: "second-picture" },
            { code: "larger", times: 1.8 },
          ],
        }),
      },
    },
    "result-nothing-to-protect": {
      ...empty,
      status: {
        running: [],
        last: finished(previews, { steps: 0, notices: [{ code: "nothing-to-protect" }] }),
      },
    },
    "running-and-result": {
      ...working,
      status: { running: working.status.running.slice(0, 1), last: finished(previews) },
    },
    problem: failed({
      fileName: "animation.gif",
      outcome: {
        ok: false,
        problem: { code: "animated", format: "GIF" },
      },
    }),
    cancelled: failed({ outcome: { ok: false, problem: { code: "cancelled" } } }),
    "closed-browser": { ...empty, site: { kind: "closed", reason: "browser" } },
    "closed-store": { ...empty, site: { kind: "closed", reason: "store" } },
    "closed-file": { ...empty, site: { kind: "closed", reason: "file" } },
    "site-off": {
      ...empty,
      site: { ...listed, decidedBy: "person", enabled: false },
      settings: { ...DEFAULT_SETTINGS, sites: { "bsky.app": false } },
    },
    "site-new": { ...empty, site: { ...added, decidedBy: "none", enabled: false, permitted: false } },
    "site-added": { ...empty, site: added },
    "closed-frames": {
      ...empty,
      closedFrames: ["uploads.example.org", "a-very-long-name-of-a-site-for-videos.example.com"],
    },
    "site-denied": {
      ...empty,
      site: { ...added, decidedBy: "none", enabled: false, permitted: false, denied: true },
    },
    "site-unpermitted": { ...empty, site: { ...added, permitted: false } },
    "site-everywhere": {
      ...empty,
      site: { ...added, decidedBy: "everywhere" },
      settings: {
        ...DEFAULT_SETTINGS,
        sites: {
          "*": true,
          "reddit.com": false,
          "a-very-long-subdomain-of-some-hosting-provider.example-photographers.org": true,
        },
      },
    },
    "site-covered": { ...empty, site: { ...listed, host: "old.reddit.com", site: "reddit.com" } },
    "all-off": { ...empty, settings: { ...DEFAULT_SETTINGS, enabled: false } },
    strong: {
      ...empty,
      settings: { ...DEFAULT_SETTINGS, strength: "strong", objective: "bayes-error", surrogate: "other" },
    },
    "long-names": {
      ...empty,
      site: {
        ...added,
        site: "example-photographers.org",
        host: "a-very-long-subdomain-of-some-hosting-provider.eu-central-1.staging.example-photographers.org",
      },
      status: {
        running: [
          {
            id: "1",
            fileName:
              "IMG_20260114_173012_panorama_of_the_harbour_from_the_old_lighthouse_edited_final_v2.jpeg",
            host: "a-very-long-subdomain-of-some-hosting-provider.example-photographers.org",
            progress: { stage: "verify", fraction: 0.97 },
          },
        ],
        last: {
          ...finished(previews, {
            labelName: "soft-coated wheaten terrier with an extraordinarily long descriptive name",
            bytesIn: 18_214_300,
            bytesOut: 19_887_900,
            labelErrorAfter: 0.9999999,
            seconds: { decode: 1, ascend: 90, encode: 4, verify: 2, total: 97.3 },
          }),
          fileName:
            "IMG_20260114_173012_panorama_of_the_harbour_from_the_old_lighthouse_edited_final_v2.jpeg",
          host: "a-very-long-subdomain-of-some-hosting-provider.example-photographers.org",
        },
      },
    },
  };
}
