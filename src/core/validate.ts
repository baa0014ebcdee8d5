/** Whether values fit their fields, and events the log. Reasons are plain words that follow a field's name. */
import type { FieldKind } from './attribute.ts';
import { isDate, readDate, readMoment } from './date-text.ts';
import { MAX_ATTRIBUTE_LENGTH, MAX_PREVIOUS, type AttributeName, type Event } from './event.ts';
import { misfit } from './event-schema.ts';
import { isUuid, parseId, type ClientId, type EntityId, type EventId } from './ids.ts';
import { readNumber } from './number-text.ts';
import { err, ok, type Result } from './result.ts';
import { isTimestamp, type Timestamp } from './timestamp.ts';
import { canonicalJson, type JsonValue } from './value.ts';

/** Most characters (UTF-16 units) that the text of a field may have, by kind. */
export const MAX_TEXT_LENGTH = { text: 10_000, longText: 100_000, email: 320, url: 2_000, phone: 60 } as const;
/** Most options that one multi-select value may hold. */
const MAX_CHOICES = 1_000;

/** What of a field decides which values fit it. */
export interface FieldRule {
  readonly kind: FieldKind;
  /** Of select and multiSelect, in order. */
  readonly options?: readonly { readonly id: EntityId; readonly name: string }[];
}

/**
 * Whether a value fits a field: the value as it is to be kept (trimmed, empty as null), or why not. For local edits it is
 * a gate; for remote events a flag, since they are kept whatever they hold.
 */
export function checkValue(field: FieldRule, value: unknown): Result<JsonValue, string> {
  if (value === null || value === undefined) return ok(null);
  switch (field.kind) {
    case 'number':
      return typeof value === 'number' && Number.isFinite(value)
        ? ok(value === 0 ? 0 : value)
        : err(`${show(value)} is not a number`);
    case 'checkbox':
      return typeof value === 'boolean' ? ok(value) : err(`${show(value)} is neither yes nor no`);
    case 'multiSelect':
      return checkChoices(field, value);
    case 'text':
    case 'longText':
    case 'email':
    case 'url':
    case 'phone':
    case 'date':
    case 'dateTime':
    case 'select':
    case 'link':
      return typeof value === 'string' ? checkText(field, value) : err(`${show(value)} is not text`);
  }
}

/** How the person, or the rest of a CSV column, writes what could otherwise be read in two ways. */
export interface ReadingHints {
  readonly decimal?: '.' | ',';
  /** Whether `04/03/2026` is the fourth of March. */
  readonly dayFirst?: boolean;
  /** When the person's clock showed a reading; both in milliseconds, the reading as though it were UTC. */
  readonly localToUtc?: (reading: number) => number;
}

const YES = new Set(['yes', 'y', 'true', 't', '1', 'x', 'on', 'checked', '✓', '✔', '☑']);
const NO = new Set(['no', 'n', 'false', 'f', '0', 'off', 'unchecked', '☐', '✗', '✘']);

/** What a person typed, or a CSV cell held, as a value of the field; what could mean two things is refused and says so. */
export function parseText(field: FieldRule, text: string, hints: ReadingHints = {}): Result<JsonValue, string> {
  const bare = text.trim();
  if (bare === '') return ok(null);
  switch (field.kind) {
    case 'number':
      return readNumber(bare, hints.decimal);
    case 'date':
      return readDate(bare, hints.dayFirst);
    case 'dateTime':
      return isDate(bare) && hints.localToUtc
        ? readMoment(`${bare}T00:00`, hints.localToUtc)
        : readMoment(bare, hints.localToUtc);
    case 'checkbox': {
      const word = bare.toLowerCase();
      return YES.has(word) ? ok(true) : NO.has(word) ? ok(false) : err(`${show(bare)} is neither yes nor no`);
    }
    case 'select': {
      const option = findOption(field, bare);
      return option === null ? noSuchOption(bare) : ok(option);
    }
    case 'multiSelect': {
      // An option's name may hold a comma: the whole text is looked up before it is taken apart.
      const whole = findOption(field, bare);
      if (whole !== null) return ok([whole]);
      const words = bare.split(/[;\n]/).length > 1 ? bare.split(/[;\n]/) : bare.split(',');
      const chosen: EntityId[] = [];
      for (const word of words.map((part) => part.trim()).filter((part) => part !== '')) {
        const option = findOption(field, word);
        if (option === null) return noSuchOption(word);
        chosen.push(option);
      }
      return checkChoices(field, chosen);
    }
    case 'text':
    case 'longText':
    case 'email':
    case 'url':
    case 'phone':
    case 'link':
      return checkText(field, text);
  }
}

/** Why an event cannot be taken into the log: where in it, and what is wrong. */
export interface MalformedEvent {
  readonly kind: 'malformed';
  readonly where: 'event' | keyof Event;
  readonly reason: string;
}

/**
 * Checks an event that came from elsewhere: its structure, and of a system attribute the value too (event-schema.ts).
 * Brings the value into canonical form. Whether it fits its field is not asked: types are data, and change.
 */
export function checkEvent(candidate: unknown): Result<Event, MalformedEvent> {
  const checked = checkStructure(candidate);
  if (!checked.ok) return checked;
  const wrong = misfit(checked.value.attribute, checked.value.value);
  return wrong === null ? checked : malformed('value', wrong);
}

/** `checkEvent` for what lies in a log already: one of an earlier version, which let any value in, is still a log. */
export function checkStructure(candidate: unknown): Result<Event, MalformedEvent> {
  if (typeof candidate !== 'object' || candidate === null) return malformed('event', 'not an object');
  const { id, clientId, entityId, attribute, value, timestamp, previous } = candidate as {
    readonly [key: string]: unknown;
  };
  if (!isUuid(id)) return malformed('id', 'not a UUID');
  if (!isUuid(clientId)) return malformed('clientId', 'not a UUID');
  if (!isUuid(entityId)) return malformed('entityId', 'not a UUID');
  if (typeof attribute !== 'string') return malformed('attribute', 'not text');
  if (attribute.length === 0 || attribute.length > MAX_ATTRIBUTE_LENGTH) {
    return malformed('attribute', `not 1 to ${MAX_ATTRIBUTE_LENGTH} characters`);
  }
  if (!attribute.isWellFormed() || attribute.includes('\0')) return malformed('attribute', 'not well-formed text');
  if (typeof value !== 'string') return malformed('value', 'not JSON text');
  const canonical = canonicalJson(value);
  if (!canonical.ok) return malformed('value', canonical.error);
  if (!isTimestamp(timestamp)) return malformed('timestamp', 'not a timestamp');
  if (!Array.isArray(previous)) return malformed('previous', 'not a list');
  if (previous.length > MAX_PREVIOUS) return malformed('previous', `more than ${MAX_PREVIOUS} timestamps`);
  for (let i = 0; i < previous.length; i++) {
    const seen: unknown = previous[i];
    if (!isTimestamp(seen)) return malformed('previous', 'not a timestamp');
    if (seen >= timestamp) return malformed('previous', 'not before the event');
    if (i > 0 && seen <= (previous[i - 1] as Timestamp)) return malformed('previous', 'not ascending');
  }
  return ok({
    id: id as EventId,
    clientId: clientId as ClientId,
    entityId: entityId as EntityId,
    attribute: attribute as AttributeName,
    value: canonical.value,
    timestamp,
    previous: previous as readonly Timestamp[],
  });
}

function checkText(field: FieldRule, text: string): Result<JsonValue, string> {
  // What cannot be typed and breaks databases and files: NUL, halves of surrogate pairs, the line ends of another system.
  const clean = text.replaceAll('\0', '').replace(/\r\n?/g, '\n').toWellFormed();
  const bare = field.kind === 'longText' ? clean.trimEnd() : clean.trim();
  if (bare === '') return ok(null);
  switch (field.kind) {
    case 'text':
    case 'longText':
      return within(MAX_TEXT_LENGTH[field.kind], bare);
    case 'email': {
      const address = bare.replace(/^mailto:/i, '');
      if (!/^[^\s@<>]+@[^\s@<>]+$/u.test(address)) return err(`${show(bare)} is not an e-mail address`);
      return within(MAX_TEXT_LENGTH.email, address);
    }
    case 'url': {
      const address = urlOf(bare);
      return address === null ? err(`${show(bare)} is not a web address`) : within(MAX_TEXT_LENGTH.url, address);
    }
    case 'phone': {
      const fits = /^[+(\d*#][\d\s().\-/–*#,;a-z+]*$/iu.test(bare) && (bare.match(/\d/g)?.length ?? 0) >= 3;
      return fits ? within(MAX_TEXT_LENGTH.phone, bare) : err(`${show(bare)} is not a phone number`);
    }
    case 'date':
      return isDate(bare) ? ok(bare) : err(`${show(bare)} is not a date such as 2026-11-23`);
    case 'dateTime':
      return readMoment(bare);
    case 'select': {
      const known = field.options?.some((option) => option.id === bare);
      return known ? ok(bare) : err('not one of the options');
    }
    case 'link': {
      const target = parseId<EntityId>(bare);
      return target === null ? err(`${show(bare)} is not a record`) : ok(target);
    }
    case 'number':
    case 'checkbox':
    case 'multiSelect':
      throw new Error(`${field.kind} is not kept as text`);
  }
}

/** Known options, each once, in the order of the field, so that equal choices are equal values. */
function checkChoices(field: FieldRule, value: unknown): Result<JsonValue, string> {
  if (!Array.isArray(value)) return err(`${show(value)} is not a list of options`);
  const chosen = new Set<unknown>(value);
  if (chosen.size > MAX_CHOICES) return err(`more than ${MAX_CHOICES} options`);
  const known = (field.options ?? []).map((option) => option.id).filter((id) => chosen.has(id));
  if (known.length < chosen.size) return err('not one of the options');
  return ok(known.length === 0 ? null : known);
}

function findOption(field: FieldRule, word: string): EntityId | null {
  const options = field.options ?? [];
  const lower = word.toLowerCase();
  const found =
    options.find((option) => option.id === word) ??
    options.find((option) => option.name === word) ??
    options.find((option) => option.name.trim().toLowerCase() === lower);
  return found?.id ?? null;
}

/** An address that is safe to open: of a harmless scheme, https where none was typed. */
function urlOf(text: string): string | null {
  if (/\s/u.test(text)) return null;
  const scheme = /^([a-z][a-z0-9+.-]*):(?!\d)/i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined)
    return /^[^\s/:?#@.]+(\.[^\s/:?#@.]+)+(:\d+)?([/?#]|$)/u.test(text) ? `https://${text}` : null;
  if (scheme === 'mailto' || scheme === 'tel') return /^[a-z]+:[^/]/i.test(text) ? text : null;
  if (scheme !== 'http' && scheme !== 'https' && scheme !== 'ftp') return null;
  return /^[a-z]+:\/\/[^\s/?#]+/i.test(text) ? text : null;
}

const within = (limit: number, text: string): Result<string, string> =>
  text.length <= limit ? ok(text) : err(`longer than ${limit.toLocaleString('en')} characters`);

const noSuchOption = (word: string): Result<never, string> => err(`${show(word)} is not one of the options`);

function show(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? typeof value);
  return `“${text.length > 60 ? `${text.slice(0, 60)}…` : text}”`;
}

const malformed = (where: MalformedEvent['where'], reason: string): Result<never, MalformedEvent> =>
  err({ kind: 'malformed', where, reason });
