/** Numbers, sizes and ages as people read them. A no-break space joins a figure to its unit. */
const NBSP = "\u00a0";

/** 0.9312 -> `93 %`, 0.0012 -> `0.1 %`, 0.00001 -> `< 0.1 %`; a share short of the whole never reads `100 %`. */
export function percent(share: number): string {
  const value = 100 * share;
  if (value === 0) return `0${NBSP}%`;
  if (value > 0 && value < 0.1) return `<${NBSP}0.1${NBSP}%`;
  if (value < 1) return `${value.toFixed(1)}${NBSP}%`;
  if (value < 100 && value > 99) return `${Math.min(99.9, Math.round(value * 10) / 10).toFixed(1)}${NBSP}%`;
  return `${value.toFixed(0)}${NBSP}%`;
}

/** 1234567 -> `1.23 MB`: three digits, powers of ten. */
export function fileSize(bytes: number): string {
  if (bytes < 1000) return `${bytes}${NBSP}B`;
  const [value, unit] = bytes < 999_500 ? [bytes / 1e3, "kB"] : [bytes / 1e6, "MB"];
  return `${value >= 1000 ? value.toFixed(0) : value.toPrecision(3)}${NBSP}${unit}`;
}

/** From 100 to 106 -> `+6 %`; `±0 %` when it rounds to nothing. */
export function changeInPercent(before: number, after: number): string {
  const value = before > 0 ? Math.round((100 * (after - before)) / before) : 0;
  const sign = value > 0 ? "+" : value < 0 ? "−" : "±";
  return `${sign}${Math.abs(value)}${NBSP}%`;
}

/** 4.13 -> `4.1 s`, 72 -> `1 min 12 s`. */
export function duration(seconds: number): string {
  if (seconds < 59.95) return `${seconds.toFixed(1)}${NBSP}s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}${NBSP}min ${whole % 60}${NBSP}s`;
}

/** `just now`, `5 minutes ago`, `yesterday`, ... */
export function age(then: number, now: number): string {
  const minutes = Math.floor((now - then) / 60_000);
  if (minutes < 1) return "just now";
  const format = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  if (minutes < 60) return format.format(-minutes, "minute");
  if (minutes < 24 * 60) return format.format(-Math.floor(minutes / 60), "hour");
  return format.format(-Math.floor(minutes / (24 * 60)), "day");
}

/** `goldfish, Carassius auratus` -> `goldfish`: the first of a class's synonyms. */
export function shortLabel(labelName: string): string {
  return labelName.split(",")[0]?.trim() || labelName;
}
