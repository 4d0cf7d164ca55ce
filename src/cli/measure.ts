/** A surrogate's errors for a file as it is: a check that anybody can run on a protected picture. */
import { checkShape, decode, sniff } from "../core/codecs/index.ts";
import { labelError, predict } from "../core/engine/prediction.ts";
import { toScale } from "../core/engine/scaled-picture.ts";
import { className, type LoadModel } from "../core/protect/loaded-models.ts";

export interface Measurement {
  readonly type: string;
  /** Upright, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
  readonly backend: string;
  readonly surrogate: string;
  /** 1 - max p(c|x), 0..1-1/C. */
  readonly bayesError: number;
  /** The class of `labelError`: the requested one, or the surrogate's prediction. */
  readonly label: number;
  readonly labelName: string;
  /** 1 - p(label|x), 0..1; equal to `bayesError` when no label was requested. */
  readonly labelError: number;
}

export interface MeasureOptions {
  readonly surrogate: string;
  readonly label?: number;
}

/** Measures one encoded picture. Rejects with a `Problem` when it cannot be decoded. */
export type Measure = (bytes: Uint8Array<ArrayBuffer>, options: MeasureOptions) => Promise<Measurement>;

export function createMeasure(loadModel: LoadModel): Measure {
  return async (bytes, options) => {
    const info = sniff(bytes);
    checkShape(info);
    const pixels = await decode(bytes, info);
    const model = await loadModel(options.surrogate);
    const { surrogate, backend } = model;
    const prediction = await predict(toScale(pixels, surrogate), surrogate);
    const label = options.label ?? prediction.label;
    return {
      type: info.type,
      width: pixels.width,
      height: pixels.height,
      bytes: bytes.length,
      backend,
      surrogate: surrogate.id,
      bayesError: prediction.bayesError,
      label,
      labelName: className(model, label),
      labelError: labelError(prediction, label),
    };
  };
}
