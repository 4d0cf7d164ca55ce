/** Social sites on which Penumbra protects uploads unless the person says otherwise. A host covers its subdomains. */
export const SOCIAL_SITES = [
  "x.com",
  "twitter.com",
  "facebook.com",
  "instagram.com",
  "threads.net",
  "threads.com",
  "reddit.com",
  "linkedin.com",
  "bsky.app",
  "mastodon.social",
  "mastodon.online",
  "tumblr.com",
  "pinterest.com",
  "flickr.com",
  "deviantart.com",
  "artstation.com",
  "discord.com",
  "vk.com",
] as const;

/** Hosts of the upload page that the demo serves on this machine: part of a build made with `--mode demo` only. */
export const DEMO_SITES = ["localhost", "127.0.0.1"] as const;

/** Match patterns of the pages that the extension may run on without being asked, for a build of this mode. */
export function listedPatterns(mode: string): string[] {
  return [
    ...SOCIAL_SITES.map((site) => `*://*.${site}/*`),
    ...(mode === "demo" ? DEMO_SITES.map((site) => `http://${site}/*`) : []),
  ];
}
