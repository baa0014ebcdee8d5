/** Reads numbers as people and spreadsheets write them. */
import { err, ok, type Result } from './result.ts';

const PLAIN = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
/** Groups of three; the Indian grouping has twos before the last. */
const GROUPS = /^\d{1,3}(?:([.,])\d{2,3})*$/;

/**
 * The number that `text` says, or why it says none. `1,234` could be a thousand or one and a bit: it is refused unless
 * `decimal`, the mark that the person's language or the rest of the column uses, settles it.
 */
export function readNumber(text: string, decimal?: '.' | ','): Result<number, string> {
  const bare = text
    .trim()
    .replace(/^\p{Sc}\s*|\s*\p{Sc}$/gu, '')
    .replace(/(?<=\d)[\s'’](?=\d{3}(?!\d))/gu, '')
    .replace(/^[−–]/u, '-')
    .replace(/^([+-])\s*\p{Sc}?\s*/u, '$1');
  const marks = bare.replace(/[^.,]/g, '');
  const comma = marks.indexOf(',');
  let plain = bare;
  if (comma >= 0 || marks.length > 1 || decimal === ',') {
    const mark = decimalMark(bare, marks, decimal);
    if (mark === 'unclear') {
      return err(
        `“${text.trim()}” could mean ${bare.replace(',', '')} or ${bare.replace(',', '.')}: write one of these`,
      );
    }
    const unsigned = bare.replace(/^[+-]/, '');
    const cut = mark === null ? -1 : unsigned.lastIndexOf(mark);
    const whole = cut < 0 ? unsigned : unsigned.slice(0, cut);
    const fraction = cut < 0 ? '' : unsigned.slice(cut + 1);
    const grouped = /[.,]/.test(whole);
    // One grouping mark, the same all along, never the decimal mark, and three digits in the last group.
    const fits =
      !grouped || (GROUPS.test(whole) && /[.,]\d{3}$/.test(whole) && new Set(whole.replace(/\d/g, '')).size === 1);
    if (!fits || (mark !== null && whole.includes(mark))) return notANumber(text);
    plain = `${bare.startsWith('-') ? '-' : ''}${whole.replace(/[.,]/g, '')}${cut < 0 ? '' : `.${fraction}`}`;
  }
  if (!PLAIN.test(plain)) return notANumber(text);
  const value = Number(plain);
  if (!Number.isFinite(value)) return err(`“${text.trim()}” is too large`);
  if (/^[+-]?\d+$/.test(plain) && !Number.isSafeInteger(value)) {
    return err(`“${text.trim()}” has more digits than a number can keep: use a text field`);
  }
  return ok(value === 0 ? 0 : value);
}

/** Which mark stands before the fraction; null when there is none. */
function decimalMark(bare: string, marks: string, decimal: '.' | ',' | undefined): '.' | ',' | null | 'unclear' {
  const last = marks.at(-1);
  if (last !== '.' && last !== ',') return null;
  // Two kinds of mark: the last one, which stands alone, is the decimal one.
  if (new Set(marks).size === 2) return last;
  if (marks.length > 1) return null;
  if (decimal !== undefined) return last === decimal ? last : null;
  if (last === '.') return '.';
  return /^[+-]?[1-9]\d{0,2},\d{3}$/.test(bare) ? 'unclear' : ',';
}

const notANumber = (text: string): Result<never, string> => err(`“${text.trim().slice(0, 60)}” is not a number`);
