/**
 * Names of sites: those that are protected from the start, the match patterns that cover them, and what a
 * person may type.
 */

/** Social sites: uploads are protected unless the person says otherwise. A host covers its subdomains. */
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

/** Hosts of the upload page that the demo serves on this machine. */
const DEMO_SITES = ["localhost", "127.0.0.1"] as const;

/**
 * The sites that are protected from the start.
 *
 * @param mode of the build; one made with `--mode demo` also has the demo's own hosts
 */
export const listedSites = (mode: string): readonly string[] =>
  mode === "demo" ? [...SOCIAL_SITES, ...DEMO_SITES] : SOCIAL_SITES;

/** The match pattern of the pages of a listed site. */
export function listedPattern(site: string): string {
  return DEMO_SITES.some((demo) => demo === site) ? `http://${site}/*` : `*://*.${site}/*`;
}

/** Match patterns of the pages that the extension runs on from the start, for a build of this mode. */
export function listedPatterns(mode: string): string[] {
  return listedSites(mode).map(listedPattern);
}

/** Stands for all sites among those that the person added. */
export const EVERYWHERE = "*";

/**
 * The site that a person means by a name, an address or a match pattern: `example.org`, `*.example.org`,
 * `https://www.example.org/photos` and `*://*.example.org/*` are all `example.org`, which covers its
 * subdomains.
 *
 * @returns {@link EVERYWHERE} for what matches every site; empty for what is no site, as `face*.com` or `com`
 */
export function siteOfPattern(pattern: string): string {
  const host = pattern
    .trim()
    .replace(/^<all_urls>$/, EVERYWHERE)
    .replace(/^[a-z*]+:\/\//i, "")
    .replace(/[/?#].*$/, "");
  if (host === EVERYWHERE) return EVERYWHERE;
  const site = normaliseHost(host.replace(/^\*\./, "")).replace(/^www\./, "");
  return site.includes("*") || !(site.includes(".") || isAddress(site) || site === "localhost") ? "" : site;
}

/** `WWW.Example.org.:8080` -> `www.example.org`; the empty string for what cannot be a host. */
export function normaliseHost(host: string): string {
  if (host === "" || /[\s/?#@\\*]/.test(host) || !URL.canParse(`http://${host}`)) return "";
  return new URL(`http://${host}`).hostname.replace(/\.$/, "");
}

/** Whether a host is an address instead of a name, so that it has no subdomains. */
export function isAddress(host: string): boolean {
  return host.startsWith("[") || /^\d+(\.\d+){3}$/.test(host);
}
