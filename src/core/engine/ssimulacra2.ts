/**
 * SSIMULACRA 2, a measure of visible difference that was fitted to what people see: Sneyers, "SSIMULACRA 2"
 * (github.com/cloudinary/ssimulacra2, version 2.1, BSD-3-Clause). At 90 two pictures cannot be told apart even when
 * they alternate in one place, at 80 not side by side; 70 is high quality, 50 medium, 30 low.
 *
 * In XYB colours, at six scales, three maps are computed: where structure is lost (SSIM), where edges are new, and
 * where edges are lost. The weighted means of the maps, and of their fourth powers, are the score. No maintained
 * library does it in a browser. The borders of the blur are those of the Python package `ssimulacra2` 0.3.0, with which
 * the lab measures and with which the tests compare.
 */
import type { Pixels } from "../contract/pixels.ts";

/** The score of equal pictures. */
const EQUAL = 100;
const SCALES = 6;
/** The shortest side that a scale must have, in pixels. */
const SHORTEST_SIDE = 8;

/** One channel of a picture, [height * width]. */
type Plane = Float32Array;

interface Picture {
  readonly width: number;
  readonly height: number;
  readonly channels: readonly [Plane, Plane, Plane];
}

/**
 * @returns at most 100, for equal pictures; negative where the difference is very strong. Alpha is not looked at, and
 * pictures with a side under 8 pixels count as equal.
 * @throws RangeError when the pictures differ in size
 */
export const ssimulacra2 = (original: Pixels, changed: Pixels): number => comparedWith(original)(changed);

/** The same for several changed pictures of one original, of which it computes its part once. */
export function comparedWith(original: Pixels): (changed: Pixels) => number {
  const { width, height } = original;
  const scales = [...scalesOf(original)].map((picture) => ({
    width: picture.width,
    channels: picture.channels.map((plane) => statisticsOf(plane, picture.width)),
  }));
  return (changed) => {
    if (changed.width !== width || changed.height !== height)
      throw new RangeError("expected pictures of one size");
    const figures: Figures[][] = [];
    for (const { channels } of scalesOf(changed)) {
      const { channels: before, width } = scales[figures.length] as (typeof scales)[number];
      figures.push(channels.map((plane, c) => figuresOf(before[c] as Statistics, plane, width)));
    }
    return scoreOf(figures);
  };
}

/** A picture in XYB colours at each scale. */
function* scalesOf(pixels: Pixels): Generator<Picture, void> {
  let linear = toLinear(pixels);
  for (let scale = 0; scale < SCALES; scale++) {
    if (scale > 0) linear = halved(linear);
    if (Math.min(linear.width, linear.height) < SHORTEST_SIDE) return;
    yield toXyb(linear);
  }
}

// --- colours ---

const LINEAR = Float32Array.from({ length: 256 }, (_, byte) => {
  const v = byte / 255;
  return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
});

function toLinear({ data, width, height }: Pixels): Picture {
  const channel = (c: number) => {
    const plane = new Float32Array(width * height);
    for (let i = 0; i < plane.length; i++) plane[i] = LINEAR[data[4 * i + c] as number] as number;
    return plane;
  };
  return { width, height, channels: [channel(0), channel(1), channel(2)] };
}

/** Rows: how much red, green and blue light the long, middle and short cones absorb. */
const ABSORBANCE = [
  [0.3, 0.622, 0.078],
  [0.23, 0.692, 0.078],
  [0.24342268924547819, 0.20476744424496821, 1 - 0.24342268924547819 - 0.20476744424496821],
] as const;
const BIAS = 0.0037930732552754493;
const ROOT_OF_BIAS = Math.cbrt(BIAS);

/** From linear RGB to XYB, scaled so that all values are positive. */
function toXyb({ width, height, channels: [red, green, blue] }: Picture): Picture {
  const [x, y, by] = [red, red, red].map((plane) => new Float32Array(plane.length)) as [Plane, Plane, Plane];
  for (let i = 0; i < red.length; i++) {
    const [r, g, b] = [red[i] as number, green[i] as number, blue[i] as number];
    const long = response(ABSORBANCE[0], r, g, b);
    const middle = response(ABSORBANCE[1], r, g, b);
    const short = response(ABSORBANCE[2], r, g, b);
    const luminance = 0.5 * (long + middle);
    x[i] = 14 * 0.5 * (long - middle) + 0.42;
    y[i] = luminance + 0.01;
    by[i] = short - luminance + 0.55;
  }
  return { width, height, channels: [x, y, by] };
}

function response(absorbance: readonly [number, number, number], r: number, g: number, b: number): number {
  const light = absorbance[0] * r + absorbance[1] * g + absorbance[2] * b + BIAS;
  return Math.cbrt(Math.max(0, light)) - ROOT_OF_BIAS;
}

/** Means of 2 x 2 pixels; at odd borders, of those that are there. */
function halved({ width, height, channels }: Picture): Picture {
  const [w, h] = [Math.ceil(width / 2), Math.ceil(height / 2)];
  const shrink = (plane: Plane) => {
    const out = new Float32Array(w * h);
    for (let y = 0; y < h; y++) {
      const above = 2 * y * width;
      const below = 2 * y + 1 < height ? above + width : above;
      for (let x = 0; x < w; x++) {
        const [left, right] = [2 * x, Math.min(2 * x + 1, width - 1)];
        const sum = (plane[above + left] as number) + (plane[above + right] as number);
        out[y * w + x] = (sum + (plane[below + left] as number) + (plane[below + right] as number)) / 4;
      }
    }
    return out;
  };
  const [first, second, third] = channels;
  return { width: w, height: h, channels: [shrink(first), shrink(second), shrink(third)] };
}

// --- maps ---

/** The mean of a map, and the fourth root of the mean of its fourth power. */
type Norms = readonly [number, number];

/** Of one channel at one scale. */
interface Figures {
  readonly structureLost: Norms;
  readonly edgesNew: Norms;
  readonly edgesLost: Norms;
}

/** A channel with its blurred values and the blurred squares. */
interface Statistics {
  readonly plane: Plane;
  readonly means: Plane;
  readonly squares: Plane;
}

const C2 = 0.0009;

const statisticsOf = (plane: Plane, width: number): Statistics => ({
  plane,
  means: blurred(plane, width),
  squares: blurred(products(plane, plane), width),
});

function products(p: Plane, q: Plane): Plane {
  const out = new Float32Array(p.length);
  for (let i = 0; i < out.length; i++) out[i] = (p[i] as number) * (q[i] as number);
  return out;
}

function figuresOf(a: Statistics, plane: Plane, width: number): Figures {
  const b = statisticsOf(plane, width);
  const ofProducts = blurred(products(a.plane, b.plane), width);
  const structure = newSums();
  const edgesNew = newSums();
  const edgesLost = newSums();
  for (let i = 0; i < plane.length; i++) {
    const [m1, m2] = [a.means[i] as number, b.means[i] as number];
    const similar = (1 - (m1 - m2) ** 2) * (2 * ((ofProducts[i] as number) - m1 * m2) + C2);
    const varied = (a.squares[i] as number) - m1 * m1 + (b.squares[i] as number) - m2 * m2 + C2;
    add(structure, 1 - similar / varied);
    const ratio = (1 + Math.abs((plane[i] as number) - m2)) / (1 + Math.abs((a.plane[i] as number) - m1)) - 1;
    add(edgesNew, ratio);
    add(edgesLost, -ratio);
  }
  return {
    structureLost: normsOf(structure, plane.length),
    edgesNew: normsOf(edgesNew, plane.length),
    edgesLost: normsOf(edgesLost, plane.length),
  };
}

interface Sums {
  first: number;
  fourth: number;
}

const newSums = (): Sums => ({ first: 0, fourth: 0 });

function add(sums: Sums, value: number): void {
  if (value <= 0) return;
  const square = value * value;
  sums.first += value;
  sums.fourth += square * square;
}

function normsOf({ first, fourth }: Sums, count: number): Norms {
  return [first / count, (fourth / count) ** 0.25];
}

const RADIUS = 5;
const KERNEL = gaussian(1.5);
/** The kernel from its middle on, as numbers of their own: the blur takes most of the time, and a loop twice as much. */
const [W0, W1, W2, W3, W4, W5] = KERNEL.slice(RADIUS) as [number, number, number, number, number, number];

function gaussian(sigma: number): readonly number[] {
  const values = Array.from({ length: 2 * RADIUS + 1 }, (_, i) =>
    Math.exp(-((i - RADIUS) ** 2) / (2 * sigma ** 2)),
  );
  const sum = values.reduce((a, b) => a + b);
  return values.map((value) => value / sum);
}

/** The kernel's sum of values around one of them, whose neighbours are `apart` numbers apart. */
function weighted(values: Plane, at: number, apart: number): number {
  const pair = (k: number) => (values[at - k * apart] as number) + (values[at + k * apart] as number);
  return (
    W0 * (values[at] as number) + W1 * pair(1) + W2 * pair(2) + W3 * pair(3) + W4 * pair(4) + W5 * pair(5)
  );
}

/** A Gaussian blur: along rows with zeros beyond the borders, along columns with the mirrored plane. */
function blurred(plane: Plane, width: number): Plane {
  const height = plane.length / width;
  // Each row with zeros around it, so that no border has to be looked for.
  const padded = new Float32Array(width + 2 * RADIUS);
  const rows = new Float32Array(plane.length);
  for (let y = 0; y < height; y++) {
    padded.set(plane.subarray(y * width, (y + 1) * width), RADIUS);
    for (let x = 0; x < width; x++) rows[y * width + x] = weighted(padded, RADIUS + x, 1);
  }
  const out = new Float32Array(plane.length);
  for (let y = 0; y < height; y++) {
    if (y >= RADIUS && y < height - RADIUS) {
      for (let i = y * width; i < (y + 1) * width; i++) out[i] = weighted(rows, i, width);
      continue;
    }
    for (let k = -RADIUS; k <= RADIUS; k++) {
      const weight = KERNEL[k + RADIUS] as number;
      const source = mirrored(y + k, height) * width;
      for (let x = 0, to = y * width; x < width; x++, to++)
        out[to] = (out[to] as number) + weight * (rows[source + x] as number);
    }
  }
  return out;
}

/** The row that lies where row y would, as in a mirror at the border. */
function mirrored(y: number, height: number): number {
  const within = ((y % (2 * height)) + 2 * height) % (2 * height);
  return within < height ? within : 2 * height - 1 - within;
}

// --- score ---

/** By channel (X, Y, B), scale, norm, and map (structure lost, edges new, edges lost). */
const WEIGHTS = [
  0, 0.0007376606707406586, 0, 0, 0.0007793481682867309, 0, 0, 0.0004371155730107379, 0, 1.1041726426657346,
  0.00066284834129271, 0.00015231632783718752, 0, 0.0016406437456599754, 0, 1.8422455520539298,
  11.441172603757666, 0, 0.0007989109436015163, 0.000176816438078653, 0, 1.8787594979546387,
  10.94906990605142, 0, 0.0007289346991508072, 0.9677937080626833, 0, 0.00014003424285435884,
  0.9981766977854967, 0.00031949755934435053, 0.0004550992113792063, 0, 0, 0.0013648766163243398, 0, 0, 0, 0,
  0, 7.466890328078848, 0, 17.445833984131262, 0.0006235601634041466, 0, 0, 6.683678146179332,
  0.00037724407979611296, 1.027889937768264, 225.20515300849274, 0, 0, 19.213238186143016,
  0.0011401524586618361, 0.001237755635509985, 176.39317598450694, 0, 0, 24.43300999870476,
  0.28520802612117757, 0.0004485436923833408, 0, 0, 0, 34.77906344483772, 44.835625328877896, 0, 0, 0, 0, 0,
  0, 0, 0, 0.0008680556573291698, 0, 0, 0, 0, 0, 0.0005313191874358747, 0, 0.00016533814161379112, 0, 0, 0, 0,
  0, 0.0004179171803251336, 0.0017290828234722833, 0, 0.0020827005846636437, 0, 0, 8.826982764996862,
  23.19243343998926, 0, 95.1080498811086, 0.9863978034400682, 0.9834382792465353, 0.0012286405048278493,
  171.2667255897307, 0.9807858872435379, 0, 0, 0, 0.0005130064588990679, 0, 0.00010854057858411537,
];

function scoreOf(scales: readonly Figures[][]): number {
  let sum = 0;
  let next = 0;
  for (const channel of [0, 1, 2])
    for (const figures of scales)
      for (const norm of [0, 1] as const) {
        const { structureLost, edgesNew, edgesLost } = figures[channel] as Figures;
        for (const map of [structureLost, edgesNew, edgesLost])
          sum += (WEIGHTS[next++] as number) * map[norm];
      }
  const scaled = 0.9562382616834844 * sum;
  const distance =
    2.326765642916932 * scaled - 0.020884521182843837 * scaled ** 2 + 6.248496625763138e-5 * scaled ** 3;
  return distance > 0 ? EQUAL - 10 * distance ** 0.6276336467831387 : EQUAL;
}
