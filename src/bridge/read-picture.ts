/** Fetches a picture of a page with the cookies of its site, in the tab or in the background. */
import { Problem } from "../core/contract/problem.ts";

/** @throws Problem of kind `unavailable` */
export async function readPicture(url: string): Promise<Blob> {
  try {
    const response = await fetch(url, { credentials: "include" });
    if (!response.ok) throw new Problem({ code: "unavailable/site", status: response.status });
    return await response.blob();
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    throw new Problem({ code: "unavailable/picture" }, { cause });
  }
}
