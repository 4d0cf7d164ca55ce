/**
 * What sites are known to do to a picture after the upload. Typical, not exact: collected from public code
 * and reports of 2018 to 2026, and sites change. What is not known is absent. A host covers its subdomains.
 */
import type { SOCIAL_SITES } from "./sites.ts";

export interface SiteProfile {
  /** Longest side that the site keeps, in pixels. */
  readonly longestSide?: number;
  /** What it encodes photographs as. */
  readonly type?: "image/jpeg" | "image/webp";
  /** Typical quality of that, 1 to 100 on libjpeg's scale. */
  readonly quality?: number;
}

/**
 * JPEG above quality 85 and WebP become JPEG 85: its engineers, 2018 (twittercommunity.com/t/118695). Its
 * pictures are asked for by `name=4096x4096` at the largest, in many public scripts.
 */
const X: SiteProfile = { longestSide: 4096, type: "image/jpeg", quality: 85 };

/** 2048: blog.raastech.com (2013), midwestdigitalmarketing.com (2015). Quality: reports of 80 to 85. */
const FACEBOOK: SiteProfile = { longestSide: 2048, type: "image/jpeg", quality: 80 };

/**
 * mastodon/mastodon, app/models/media_attachment.rb: `-quality 90` and at most 8,294,400 pixels (1,638,400 in
 * old versions), which in a picture of 16:9 makes 3840; a panorama may be longer.
 */
const MASTODON: SiteProfile = { longestSide: 3840, type: "image/jpeg", quality: 90 };

export const SITE_PROFILES: Readonly<Partial<Record<(typeof SOCIAL_SITES)[number], SiteProfile>>> = {
  "x.com": X,
  "twitter.com": X,
  "facebook.com": FACEBOOK,
  // Guides agree on 1080 for the width, hence 1350 for upright pictures of 4:5. Quality: reports of 65 to 85.
  "instagram.com": { longestSide: 1350, type: "image/jpeg", quality: 75 },
  // bluesky-social/social-app, src/lib/constants.ts (older versions: 2000). The quality is the best that fits
  // into 2 MB.
  "bsky.app": { longestSide: 4000, type: "image/jpeg" },
  "mastodon.social": MASTODON,
  "mastodon.online": MASTODON,
  // Reddit, LinkedIn, Discord and Threads: not found.
};

/** The profile of a host (with or without a port), if there is one. */
export function siteProfile(host: string): SiteProfile | undefined {
  const name = host.replace(/:\d+$/, "");
  return Object.entries(SITE_PROFILES).find(([site]) => name === site || name.endsWith(`.${site}`))?.[1];
}
