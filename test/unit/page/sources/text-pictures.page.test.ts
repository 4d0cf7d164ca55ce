import { describe, expect, it } from "vitest";
import { picturesIn } from "../../../../src/page/sources/text-pictures.ts";

const PNG = "\x89PNG\r\n\x1a\nand the rest of a picture, long enough to be broken into lines";
const BASE64 = btoa(PNG);
const HEX = [...PNG].map((letter) => letter.charCodeAt(0).toString(16).padStart(2, "0")).join("");

const contents = (text: string) =>
  Promise.all(
    picturesIn(text).pictures.map(async (file) => [
      file.type,
      String.fromCharCode(...new Uint8Array(await file.arrayBuffer())),
    ]),
  );

const other = (text: string) => new File([text], "other", { type: "image/webp" });

describe("pictures in a text", () => {
  it.each([
    ["an attribute", `<img src="data:image/png;base64,${BASE64}">`],
    ["an attribute in other letters", `<IMG SRC='DATA:image/png;Base64,${BASE64}'>`],
    ["a style", `<p style="background:url(data:image/png;base64,${BASE64})">`],
    ["a style with a quotation", `<p style="background:url(&quot;data:image/png;base64,${BASE64}&quot;)">`],
    ["a list of addresses", `data:image/png;base64,${BASE64}\r\nhttps://example.org/`],
    ["broken lines", `<img src="data:image/png;base64,${BASE64.replace(/.{40}/g, "$&\r\n")}">`],
    ["escapes", `data:image/png;base64,${encodeURIComponent(BASE64)}`],
    ["bytes as escapes", `data:image/png,${escape(PNG)}`],
    ["parameters", `data:image/png;name=a.png;base64,${BASE64}`],
  ])("are found in %s", async (_, text) => {
    expect(await contents(text)).toEqual([["image/png", PNG]]);
  });

  it("are found by their first bytes where the type does not say so", async () => {
    expect(await contents(`data:application/octet-stream;base64,${BASE64}`)).toEqual([
      ["application/octet-stream", PNG],
    ]);
    expect(await contents(`data:;base64,${BASE64}`)).toHaveLength(1);
  });

  it.each([
    "https://example.org/data:image",
    "<p>data: image, and words</p>",
    "data:text/plain;base64,d29yZHM=",
    "data:image/svg+xml;base64,PHN2Zy8+",
    "data:image/png;base64,%%%",
    "words",
  ])("are not found in %s", (text) => {
    expect(picturesIn(text)).toMatchObject({ pictures: [], isPlain: true });
  });

  it("are replaced, and all else stays as it is", async () => {
    const text = `<b>a</b><img src="data:image/png;base64,${BASE64}" alt=x> <img src='data:image/png;base64,${BASE64}'>.`;
    expect(await picturesIn(text).replace([other("one"), other("two")])).toBe(
      `<b>a</b><img src="data:image/webp;base64,${btoa("one")}" alt=x> <img src='data:image/webp;base64,${btoa("two")}'>.`,
    );
  });

  it("stay as they were where a person sends the original", async () => {
    const text = `data:image/png;base64,${encodeURIComponent(BASE64)}`;
    const found = picturesIn(text);
    expect(await found.replace(found.pictures)).toBe(text);
  });
});

describe("pictures in rich text", () => {
  const pict = (kind: string, hex = HEX) =>
    `{\\pict{\\*\\picprop}\\picw40\\${kind}\\bliptag1{\\*\\blipuid 0123456789abcdef0123456789abcdef}\n${hex}}`;

  it.each([
    ["pngblip", "image/png"],
    ["jpegblip", "image/jpeg"],
  ])("are found by \\%s", async (kind, type) => {
    const text = `{\\rtf1 words ${pict(kind, HEX.replace(/.{64}/g, "$&\r\n"))} more}`;
    expect(await contents(text)).toEqual([[type, PNG]]);
    expect(await picturesIn(text).replace([other("one")])).toBe(
      `{\\rtf1 words ${pict(kind, "6f6e65")} more}`,
    );
  });

  it("that cannot be protected lose their contents", async () => {
    const text = `{\\rtf1 words ${pict("wmetafile8")} more}`;
    expect(picturesIn(text)).toMatchObject({ pictures: [], isPlain: false });
    expect(await picturesIn(text).replace([])).toBe(`{\\rtf1 words ${pict("wmetafile8", "")} more}`);
  });

  it("are not in a text of words", () => {
    expect(picturesIn("{\\rtf1\\ansi\\b words\\b0}").isPlain).toBe(true);
  });
});
