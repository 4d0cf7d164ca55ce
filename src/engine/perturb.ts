/**
 * The science applied to one picture: finds the perturbation, on a small canvas, that makes the picture as
 * unlearnable as the budget allows, and enlarges it to the picture. Gradients are only ever taken at the surrogate's
 * scale, so twelve megapixels cost the same gradient work as one.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Pixels } from "../shared/pixels.ts";
import type { ObjectiveId } from "../shared/report.ts";
import { adamSteps, ascend, signSteps } from "./ascend.ts";
import { bayesError, logPosterior } from "./bayes-error.ts";
import { type Budget, perceptualMask, projectOntoBudget } from "./budget.ts";
import { objectives } from "./objective.ts";
import { createRandom, type Random } from "./random.ts";
import { enlargeThenShrink, resamplingTaps, resizePixels, type Taps } from "./resample.ts";
import {
  type AscentSettings,
  memberLogPosteriors,
  type Surrogate,
  surrogateLogPosterior,
} from "./surrogate.ts";
import { applySeparable, type View, type ViewOperator, viewOperator } from "./transforms.ts";

/** A picture at the surrogate's scale. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  /** RGB, [height, width, 3], 0..1 */
  readonly data: Float32Array;
}

/** Shrinks a picture to the scale at which a surrogate looks at it; smaller pictures keep their size. */
export function canvasOf(
  pixels: Pixels,
  { inputSize, viewing }: Pick<Surrogate, "inputSize" | "viewing">,
): Canvas {
  const shorter = Math.min(pixels.width, pixels.height);
  const scale = Math.min(1, Math.round(inputSize * viewing.canvasPerInput) / shorter);
  const width = Math.max(1, Math.round(pixels.width * scale));
  const height = Math.max(1, Math.round(pixels.height * scale));
  return { width, height, data: resizePixels(pixels, width, height) };
}

/** What a surrogate makes of a picture. */
export interface Opinion {
  /** p(c|x), [C] */
  readonly posterior: Float32Array;
  /** argmax_c p(c|x) */
  readonly label: number;
  /** 1 - max_c p(c|x) */
  readonly bayesError: number;
}

/** 1 - p(label|x), 0..1. */
export function labelError(opinion: Opinion, label: number): number {
  return 1 - (opinion.posterior[label] as number);
}

/** The middle of a canvas, [1, S, S, 3]. */
export function middleOf(
  { width, height, data }: Canvas,
  { viewing, inputSize }: Pick<Surrogate, "viewing" | "inputSize">,
): tf.Tensor4D {
  return tf.tidy(() => {
    const operator = viewOperator(viewing.centre(width, height), width, height, inputSize);
    return tf.expandDims(applySeparable(tf.tensor3d(data, [height, width, 3]), operator));
  });
}

/** Shows a surrogate the middle of a canvas. */
export async function judge(canvas: Canvas, surrogate: Surrogate): Promise<Opinion> {
  const [posterior, label, error] = tf.tidy(() => {
    const logP = surrogateLogPosterior(surrogate, middleOf(canvas, surrogate));
    return [tf.exp(logP), tf.argMax(logP, 1), bayesError(logP)];
  }) as [tf.Tensor, tf.Tensor, tf.Tensor];
  try {
    return {
      posterior: (await posterior.data()) as Float32Array,
      label: (await label.data())[0] as number,
      bayesError: (await error.data())[0] as number,
    };
  } finally {
    tf.dispose([posterior, label, error]);
  }
}

/** What a clean picture shows, of which a surrogate has an opinion: y0 where no person says otherwise. */
export async function nameLabel(canvas: Canvas, surrogate: Surrogate, opinion: Opinion): Promise<number> {
  const { labeller } = surrogate;
  if (!labeller) return opinion.label;
  const label = tf.tidy(() =>
    tf.argMax(logPosterior(labeller.embed(middleOf(canvas, surrogate)), labeller.bank), 1),
  );
  try {
    return (await label.data())[0] as number;
  } finally {
    label.dispose();
  }
}

export interface PerturbOptions extends AscentSettings {
  readonly objective: ObjectiveId;
  readonly budget: Budget;
  /** y0 of the `overlap` objective. */
  readonly label: number;
  readonly optimiser: "adam" | "sign";
  /** Change all three channels alike, so that a grey picture stays grey. */
  readonly grey: boolean;
  readonly seed: number;
  readonly onStep?: (done: number, objective: number) => void;
}

/** Steps between two looks at the middle of the picture, by which the best perturbation is chosen. */
const SCORE_EVERY = 5;

/**
 * Finds a perturbation of a canvas by projected gradient ascent over random views.
 * @param fullSize of the picture that the perturbation will be enlarged to; enlarging blurs, and the ascent knows
 * @returns delta, RGB, [height, width, 3], within the budget
 * @throws AbortError when `signal` fires
 */
export async function findPerturbation(
  canvas: Canvas,
  fullSize: { readonly width: number; readonly height: number },
  surrogate: Surrogate,
  options: PerturbOptions,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const { width, height } = canvas;
  const random = createRandom(options.seed);
  const staged = stage(canvas, fullSize, surrogate.inputSize, options);
  const { centre, random: draw } = surrogate.viewing;
  let start: tf.Tensor | undefined;
  try {
    start = tf.tensor3d(randomStart(staged.shape, options.budget.epsilon, random), staged.shape);
    const { raise, measure } = objectives[options.objective];
    const stepSize = (options.stepScale * options.budget.epsilon) / options.steps;
    const { best } = await ascend(
      start,
      {
        steps: options.steps,
        // Gradients of a nearly certain posterior are minute; Adam must not mistake them for zero.
        stepRule:
          options.optimiser === "adam"
            ? adamSteps({ stepSize, beta2: 0.99, stabiliser: 1e-12 })
            : signSteps(stepSize),
        project: (delta) =>
          projectOntoBudget(delta as tf.Tensor3D, staged.changeable, options.budget, staged.mask),
        objective: (delta) => {
          const view = staged.show(delta as tf.Tensor3D, draw(width, height, random));
          return tf.addN(
            memberLogPosteriors(surrogate, view).map((logP) => tf.sum(raise(logP, options.label))),
          ) as tf.Scalar;
        },
        score: {
          of: (delta) => {
            const view = staged.show(delta as tf.Tensor3D, centre(width, height));
            return tf.sum(measure(surrogateLogPosterior(surrogate, view), options.label));
          },
          every: SCORE_EVERY,
        },
        ...(options.onStep && { onStep: options.onStep }),
      },
      signal,
    );
    try {
      const delta = (await best.data()) as Float32Array;
      return options.grey ? inThreeChannels(delta) : delta;
    } finally {
      best.dispose();
    }
  } finally {
    start?.dispose();
    staged.dispose();
  }
}

/** A picture laid out for the ascent: what may change, where how much, and how it then looks. */
export interface Stage {
  /** Of a perturbation: [height, width, 3], or [height, width, 1] where all channels change alike. */
  readonly shape: [number, number, number];
  /** What the range of 0..1 is kept for, as `shape`. */
  readonly changeable: tf.Tensor3D;
  /** Share of the budget that each place may use, as `shape`. */
  readonly mask: tf.Tensor3D;
  /** A view of the picture with a perturbation, enlarged and shrunk again, [1, S, S, 3]; differentiable. */
  show(delta: tf.Tensor3D, view: View): tf.Tensor4D;
  dispose(): void;
}

/** @param inputSize side S of the views */
export function stage(
  canvas: Canvas,
  fullSize: { readonly width: number; readonly height: number },
  inputSize: number,
  options: Pick<PerturbOptions, "grey" | "smoothShare">,
): Stage {
  const { width, height } = canvas;
  const channels = options.grey ? 1 : 3;
  const picture = tf.tensor3d(canvas.data, [height, width, 3]);
  const changeable = options.grey ? tf.mean<tf.Tensor3D>(picture, 2, true) : picture;
  const mask = tf.tidy(() => {
    const share = perceptualMask(canvas.data, width, height, options.smoothShare);
    // As many channels as the perturbation: WASM is slow to spread one over three, at every step.
    return tf.tile(tf.tensor3d(share, [height, width, 1]), [1, 1, channels]);
  });
  const blurRows = tf.tensor2d(enlargeThenShrink(height, fullSize.height), [height, height]);
  const blurCols = tf.tensor2d(enlargeThenShrink(width, fullSize.width), [width, width]);
  return {
    shape: [height, width, channels],
    changeable,
    mask,
    show(delta, view) {
      const operator = viewOperator(view, width, height, inputSize);
      const enlarged: ViewOperator = {
        rows: tf.matMul(operator.rows, blurRows) as tf.Tensor2D,
        cols: tf.matMul(operator.cols, blurCols) as tf.Tensor2D,
      };
      const shown = tf.add(applySeparable(picture, operator), applySeparable(delta, enlarged));
      return tf.expandDims(tf.clipByValue(shown, 0, 1)) as tf.Tensor4D;
    },
    dispose: () => tf.dispose([picture, changeable, mask, blurRows, blurCols]),
  };
}

/** A perturbation of one channel, [h, w, 1], as one of three, [h, w, 3]. */
export function inThreeChannels(delta: Float32Array): Float32Array {
  return Float32Array.from({ length: 3 * delta.length }, (_, i) => delta[Math.floor(i / 3)] as number);
}

/** Uniform noise of a quarter of the budget: enough to leave a point without gradient, too little to see. */
export function randomStart(
  shape: readonly [number, number, number],
  epsilon: number,
  random: Random,
): Float32Array {
  return Float32Array.from({ length: shape[0] * shape[1] * shape[2] }, () =>
    random.between(-epsilon / 4, epsilon / 4),
  );
}

/**
 * Enlarges a perturbation (bilinear, so no value grows) and adds it to a picture, rounded to whole 255ths.
 * @param delta RGB, [canvas.height, canvas.width, 3], fractions of 0..1
 * @param budget with an L-infinity budget no channel of the result differs from the picture's by more than epsilon
 */
export function applyPerturbation(
  pixels: Pixels,
  delta: Float32Array,
  canvas: { readonly width: number; readonly height: number },
  budget: Budget,
): Pixels {
  const { width, height } = pixels;
  const bound = budget.norm === "linf" ? Math.floor(budget.epsilon * 255 + 1e-4) : 255;
  const down = resamplingTaps(canvas.height, height);
  const across = resamplingTaps(canvas.width, width);
  const data = new Uint8ClampedArray(pixels.data);
  const row = new Float32Array(canvas.width * 3);
  for (let y = 0; y < height; y++) {
    const { first, weights } = down[y] as Taps;
    row.fill(0);
    weights.forEach((weight, k) => {
      const base = (first + k) * row.length;
      for (let i = 0; i < row.length; i++)
        row[i] = (row[i] as number) + 255 * weight * (delta[base + i] as number);
    });
    for (let x = 0; x < width; x++) {
      const { first: left, weights: w } = across[x] as Taps;
      const w0 = w[0] as number;
      const w1 = w[1] ?? 0;
      const from = left * 3;
      const at = 4 * (y * width + x);
      for (let c = 0; c < 3; c++) {
        const change = w0 * (row[from + c] as number) + (w1 && w1 * (row[from + 3 + c] as number));
        const whole = Math.round(Math.max(-bound, Math.min(bound, change)));
        data[at + c] = (data[at + c] as number) + whole;
      }
    }
  }
  return { width, height, data };
}
