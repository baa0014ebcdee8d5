/**
 * What each column of a file most likely holds. A guess only: the person sees it beside the values and can change it.
 * When in doubt a column is text, since text loses nothing: numbers that begin with zeros are names of things, not amounts.
 */
import type { FieldKind } from '../../../core/attribute.ts';
import { parseText, type ReadingHints } from '../../../core/validate.ts';
import type { Delimiter } from './guess-delimiter.ts';

/** What a column can become. Links need records to point to, which a new type has not. */
export type ColumnKind = Exclude<FieldKind, 'link'>;

/** How a column writes numbers and days. */
export interface ColumnHints {
  readonly decimal: '.' | ',';
  readonly dayFirst: boolean;
}

export interface ColumnGuess {
  readonly kind: ColumnKind;
  readonly hints: ColumnHints;
  /** Which hints change what this column says, so that the person is asked for no others. */
  readonly decimalMatters: boolean;
  readonly dayFirstMatters: boolean;
}

export interface GuessSetting {
  /** Of the file: programs that separate cells by semicolons write decimal commas. */
  readonly delimiter: Delimiter;
  /** How the person's language writes numbers and days; settles what the column leaves open. */
  readonly locale: ColumnHints;
}

/** A column of a kind may hold as many values that do not fit it: they are shown, and the person decides. */
const MISFITS_ALLOWED = 0.05;
/** Fewest values of which some may be misfits. */
const MISFITS_FROM = 20;
const MAX_GUESSED_CHOICES = 24;
const MAX_CHOICE_LENGTH = 40;
const LONG_TEXT_FROM = 200;

const NAMES_THINGS =
  /\b(zip|zipcode|postal|postcode|plz|sku|ean|upc|isbn|issn|iban|bic|serial|barcode|fips|account)\b/i;
const PHONE_NAME = /\b(phone|telephone|tel|mobile|cell|fax|phone number|handy|telefon)\b/i;
const DATE_NAME = /\b(date|day|datum|on|birthday|born|due|since|until)\b/i;

type Candidate = 'numberDot' | 'numberComma' | 'date' | 'dateTime' | 'checkbox' | 'email' | 'url' | 'phone';

/** Looks at values one by one, so that a long file can be read in steps. */
export class ColumnGuesser {
  readonly #name: string;
  readonly #setting: GuessSetting;
  #filled = 0;
  #longest = 0;
  #breaks = false;
  #namesThings: boolean;
  readonly #distinct = new Map<string, number>();
  /** Values that a kind cannot hold; a kind that is out of the race is not tried again. */
  readonly #misfits: Record<Candidate, number> = {
    numberDot: 0,
    numberComma: 0,
    date: 0,
    dateTime: 0,
    checkbox: 0,
    email: 0,
    url: 0,
    phone: 0,
  };
  #commas = 0;
  #slashes = 0;
  /** Days such as 23/11/2026, which can be read one way only: how many with the day first less those with the month first. */
  #dayFirstSigns = 0;

  /** @param name of the column; may be empty */
  constructor(name: string, setting: GuessSetting) {
    this.#name = name.replaceAll('_', ' ');
    this.#setting = setting;
    this.#namesThings = NAMES_THINGS.test(this.#name);
  }

  add(cell: string): void {
    const text = cell.trim();
    if (text === '') return;
    this.#filled += 1;
    this.#longest = Math.max(this.#longest, text.length);
    if (text.includes('\n')) this.#breaks = true;
    if (this.#distinct.size <= MAX_GUESSED_CHOICES) this.#distinct.set(text, (this.#distinct.get(text) ?? 0) + 1);
    this.#addNumber(text);
    this.#addDay(text);
    this.#try('dateTime', () => fits('dateTime', text, { localToUtc: (reading) => reading }));
    // A zero or a one may be a yes or a no, but is certainly a number.
    this.#try('checkbox', () => !/\d/.test(text) && fits('checkbox', text));
    this.#try('email', () => fits('email', text));
    this.#try('url', () => /^(https?:\/\/|ftp:\/\/|www\.)/i.test(text) && fits('url', text));
    this.#try('phone', () => this.#looksLikePhone(text) && fits('phone', text));
  }

  guess(): ColumnGuess {
    return {
      kind: this.#kind(),
      hints: { decimal: this.#decimal(), dayFirst: this.#dayFirst() },
      decimalMatters: this.#commas > 0,
      dayFirstMatters: this.#slashes > 0,
    };
  }

  #kind(): ColumnKind {
    if (this.#filled === 0) return 'text';
    if (this.#misfits.checkbox === 0) return 'checkbox';
    const misfits = this.#misfits;
    if (this.#few(misfits.date)) return 'date';
    if (this.#few(misfits.dateTime)) return 'dateTime';
    // Before numbers: +44 20 7946 0018 is no amount.
    if (PHONE_NAME.test(this.#name) && this.#few(misfits.phone)) return 'phone';
    if (!this.#namesThings && this.#few(Math.min(misfits.numberDot, misfits.numberComma))) return 'number';
    if (this.#few(misfits.email)) return 'email';
    if (this.#few(misfits.url)) return 'url';
    if (this.#few(misfits.phone)) return 'phone';
    if (this.#breaks || this.#longest > LONG_TEXT_FROM) return 'longText';
    return this.#hasFewChoices() ? 'select' : 'text';
  }

  #addNumber(text: string): void {
    // 00123 and 31415926535897932384 are names of things: as amounts they would not come back as they were.
    if (/^[+-]?0\d/.test(text) || losesDigits(text)) this.#namesThings = true;
    if (this.#namesThings) return;
    const marked = /[.,]/.test(text);
    if (text.includes(',')) this.#commas += 1;
    if (!marked) {
      if (this.#open('numberDot') || this.#open('numberComma')) {
        // Exponents without a fraction, 12E5, are more often parts and places than amounts.
        const good = !/\de\d/i.test(text) && fits('number', text);
        if (!good) {
          this.#misfits.numberDot += 1;
          this.#misfits.numberComma += 1;
        }
      }
      return;
    }
    this.#try('numberDot', () => fits('number', text, { decimal: '.' }));
    this.#try('numberComma', () => fits('number', text, { decimal: ',' }));
  }

  #addDay(text: string): void {
    const parts = /^(\d{1,2})([-/.])\s?(\d{1,2})\2\s?\d{4}\b/.exec(text);
    if (parts) {
      this.#slashes += 1;
      if (Number(parts[1]) > 12) this.#dayFirstSigns += 1;
      if (Number(parts[3]) > 12) this.#dayFirstSigns -= 1;
    }
    const compact = /^\d{8}$/.test(text) && !DATE_NAME.test(this.#name);
    this.#try('date', () => !compact && fits('date', text, { dayFirst: true }));
  }

  #looksLikePhone(text: string): boolean {
    const digits = text.match(/\d/g)?.length ?? 0;
    return PHONE_NAME.test(this.#name) || (digits >= 7 && /^(\+|00|\()\s?\d/.test(text));
  }

  #decimal(): '.' | ',' {
    const { numberDot, numberComma } = this.#misfits;
    if (numberDot !== numberComma) return numberDot < numberComma ? '.' : ',';
    if (this.#commas === 0) return '.';
    if (this.#setting.delimiter === ',') return '.';
    return this.#setting.delimiter === ';' ? ',' : this.#setting.locale.decimal;
  }

  #dayFirst(): boolean {
    return this.#dayFirstSigns === 0 ? this.#setting.locale.dayFirst : this.#dayFirstSigns > 0;
  }

  #hasFewChoices(): boolean {
    const distinct = this.#distinct.size;
    if (distinct > MAX_GUESSED_CHOICES || this.#longest > MAX_CHOICE_LENGTH || this.#namesThings) return false;
    return this.#filled >= 6 && this.#filled >= distinct * 3;
  }

  #try(kind: Candidate, fit: () => boolean): void {
    if (this.#open(kind) && !fit()) this.#misfits[kind] += 1;
  }

  /** Whether a kind is still in the race: the rest of the file could make up for its misfits so far. */
  #open(kind: Candidate): boolean {
    return this.#misfits[kind] <= Math.max(MISFITS_FROM, this.#filled * MISFITS_ALLOWED);
  }

  #few(misfits: number): boolean {
    return misfits === 0 || (this.#filled >= MISFITS_FROM && misfits <= this.#filled * MISFITS_ALLOWED);
  }
}

function fits(kind: ColumnKind, text: string, hints?: ReadingHints): boolean {
  return parseText({ kind }, text, hints).ok;
}

/** Whether a number has more digits than come back from a 64-bit float. */
function losesDigits(text: string): boolean {
  if (text.length < 16 || !/^[+-]?\d[\d.,]*$/.test(text)) return false;
  const plain = text.replace(/^\+/, '').replace(',', '.');
  if (plain.replace(/\D/g, '').replace(/^0+/, '').length <= 15) return false;
  return String(Number(plain)) !== plain;
}
