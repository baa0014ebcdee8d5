/** Which character parts the cells of a file. */
import Papa from 'papaparse';

export const DELIMITERS = [',', ';', '\t', '|'] as const;
export type Delimiter = (typeof DELIMITERS)[number];

const SAMPLE = 64 * 1024;
const ROWS = 20;

/**
 * The one that cuts the first rows into the most even number of cells, more than one; of several that do so alike, the one
 * that makes more cells. A comma when there is none. Empty lines say nothing, the end of the last one included.
 */
export function guessDelimiter(text: string): Delimiter {
  const sample = text.slice(0, SAMPLE);
  let best: { readonly delimiter: Delimiter; readonly unevenness: number; readonly width: number } | null = null;
  for (const delimiter of DELIMITERS) {
    const { data } = Papa.parse<string[]>(sample, { delimiter, newline: '\n', preview: ROWS, skipEmptyLines: true });
    // The last row may be cut off by the end of the sample.
    const rows = data.length > 1 && data.length < ROWS && sample.length < text.length ? data.slice(0, -1) : data;
    const widths = rows.map((cells) => cells.length);
    const width = widths.reduce((sum, each) => sum + each, 0) / Math.max(1, widths.length);
    if (width < 2) continue;
    const unevenness = widths.reduce((sum, each) => sum + Math.abs(each - width), 0) / widths.length;
    if (!best || unevenness < best.unevenness || (unevenness === best.unevenness && width > best.width))
      best = { delimiter, unevenness, width };
  }
  return best?.delimiter ?? ',';
}
