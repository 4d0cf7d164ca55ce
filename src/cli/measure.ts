/** What a surrogate makes of a file as it is: the check that anyone can run on a protected picture. */
import { decode, sniff } from "../core/codecs/index.ts";
import { canvasOf } from "../core/engine/canvas.ts";
import { judge, labelError } from "../core/engine/opinion.ts";
import { className, type OpenWorkbench } from "../core/protect/protect.ts";

export interface Measurement {
  readonly type: string;
  /** In pixels, after the EXIF orientation was applied. */
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
  readonly backend: string;
  readonly surrogate: string;
  /** 1 - max p(c|x), 0..1-1/C. */
  readonly bayesError: number;
  /** The class that `labelError` speaks of: the one asked for, or the surrogate's first choice. */
  readonly label: number;
  readonly labelName: string;
  /** 1 - p(label|x), 0..1; equal to `bayesError` when no label was given. */
  readonly labelError: number;
}

/** Measures one encoded picture. Rejects with a `Problem` for what cannot be decoded. */
export type Measure = (
  bytes: Uint8Array<ArrayBuffer>,
  options: { readonly surrogate: string; readonly label?: number },
) => Promise<Measurement>;

export function createMeasure(openWorkbench: OpenWorkbench): Measure {
  return async (bytes, options) => {
    const info = sniff(bytes);
    const pixels = await decode(bytes, info);
    const workbench = await openWorkbench(options.surrogate);
    const { surrogate, backend } = workbench;
    const opinion = await judge(canvasOf(pixels, surrogate), surrogate);
    const label = options.label ?? opinion.label;
    return {
      type: info.type,
      width: pixels.width,
      height: pixels.height,
      bytes: bytes.length,
      backend,
      surrogate: surrogate.id,
      bayesError: opinion.bayesError,
      label,
      labelName: className(workbench, label),
      labelError: labelError(opinion, label),
    };
  };
}
