import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

type Rgb = readonly [number, number, number];
type Scheme = 'light' | 'dark';

const tokens = readTokens();

const PAPER = ['paper', 'edge', 'raised', 'hover'];
/** The paper of the past. */
const PAPER_THEN = ['paper-then', 'edge-then', 'raised-then', 'hover-then'];

/** Text on its ground: WCAG 2.2 AA asks for 4.5:1. */
const TEXT: readonly (readonly [string, string])[] = [
  ...[...PAPER, ...PAPER_THEN, 'accent-wash', 'amber-wash', 'alert-wash'].flatMap((ground) => [
    ['ink', ground] as const,
    ['ink-soft', ground] as const,
  ]),
  ...[...PAPER, ...PAPER_THEN, 'accent-wash'].map((ground) => ['accent', ground] as const),
  ['accent-strong', 'accent-wash'],
  ...[...PAPER, ...PAPER_THEN, 'amber-wash'].map((ground) => ['amber-ink', ground] as const),
  ...[...PAPER, ...PAPER_THEN, 'alert-wash'].map((ground) => ['alert', ground] as const),
  ['on-accent', 'accent'],
  ['on-accent', 'accent-strong'],
  ['on-alert', 'alert'],
  ['on-alert', 'alert-strong'],
  ...Array.from({ length: 8 }, (_, i) => [`tint-${i}-ink`, `tint-${i}`] as const),
];

/** Edges of controls and marks that carry meaning: 3:1. */
const MARKS: readonly (readonly [string, string])[] = [
  ...['paper', 'edge', 'raised', 'paper-then', 'edge-then', 'raised-then'].flatMap((ground) => [
    ['control-edge', ground] as const,
    ['accent', ground] as const,
    ['alert', ground] as const,
    ['amber-ink', ground] as const,
  ]),
];

describe.each(['light', 'dark'] as const)('contrast in %s', (scheme) => {
  it.each(TEXT)('%s on %s is at least 4.5:1', (text, ground) => {
    expect(contrast(color(text, scheme), color(ground, scheme))).toBeGreaterThanOrEqual(4.5);
  });

  it.each(MARKS)('%s against %s is at least 3:1', (mark, ground) => {
    expect(contrast(color(mark, scheme), color(ground, scheme))).toBeGreaterThanOrEqual(3);
  });
});

it('computes the ratios that WCAG gives as examples', () => {
  expect(contrast([1, 1, 1], [0, 0, 0])).toBeCloseTo(21, 5);
  // oklch(0.5999 0 0) is #808080, 3.95:1 on white.
  expect(contrast(toRgb(0.5999, 0, 0), [1, 1, 1])).toBeCloseTo(3.95, 1);
});

function readTokens(): Map<string, Record<Scheme, Rgb>> {
  const css = readFileSync(new URL('tokens.css', import.meta.url), 'utf8');
  const oklch = String.raw`oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)`;
  const found = new Map<string, Record<Scheme, Rgb>>();
  for (const [, name, ...parts] of css.matchAll(
    new RegExp(String.raw`--([\w-]+): light-dark\(${oklch}, ${oklch}\);`, 'g'),
  )) {
    const [l1, c1, h1, l2, c2, h2] = parts.map(Number) as [number, number, number, number, number, number];
    found.set(name!, { light: toRgb(l1, c1, h1), dark: toRgb(l2, c2, h2) });
  }
  return found;
}

function color(name: string, scheme: Scheme): Rgb {
  const token = tokens.get(name);
  if (token === undefined) throw new Error(`tokens.css declares no colour --${name}`);
  return token[scheme];
}

/** OKLCH to linear-light sRGB, clipped to the gamut as a browser does at worst. */
function toRgb(lightness: number, chroma: number, hue: number): Rgb {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const clip = (part: number) => Math.min(1, Math.max(0, part));
  return [
    clip(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    clip(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    clip(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

/** WCAG ratio of two linear-light colours. */
function contrast(a: Rgb, b: Rgb): number {
  const luminance = ([red, green, blue]: Rgb) => 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  const [light, dark] = [luminance(a), luminance(b)].toSorted((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}
