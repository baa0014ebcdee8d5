/**
 * Looks at a database file that came from elsewhere, on a copy of it, before anything of it is used. It may be anything: only
 * a file whose tables, indexes, views and triggers are word for word those of a book is read, so that nothing runs that is
 * not ours.
 */
import { err, ok, type Result } from '../core/result.ts';
import type { FileError } from '../core/transfer.ts';
import { encodeText } from '../core/utf8.ts';
import { SqlError, type SqlDatabase } from './database.ts';
import { migrate } from './migrations.ts';
import { APPLICATION_ID, SCHEMA_VERSION } from './schema.ts';

/** Greater than any arrival number that a book comes to, and small enough to be counted on from. */
const MAX_NUMBER = 2 ** 48;
const isNumber = (column: string, least = 0): string => `${column} BETWEEN ${least} AND ${MAX_NUMBER}`;
const isBytes = (column: string, length: number): string => `length(${column}) = ${length}`;
const isAttribute = `((typeof(attribute) = 'blob' AND length(attribute) = 16) OR typeof(attribute) = 'text')`;

/**
 * What rows must be like besides what STRICT tables see to, for what becomes part of a book when the file does. Events are
 * not among them: each is checked by itself.
 */
const IN_ORDER: readonly (readonly [table: string, condition: string])[] = [
  [
    'config',
    `CASE
       WHEN key IN ('book', 'client', 'user', 'clock') THEN typeof(value) = 'blob' AND ${isBytes('value', 16)}
       WHEN key = 'node' THEN typeof(value) = 'blob' AND ${isBytes('value', 8)}
       WHEN key = 'cursor' THEN typeof(value) = 'text'
       WHEN key IN ('sealed_through', 'resent_through', 'resend_through', 'lost', 'lost_held', 'sent',
         'backed_up_at')
         THEN typeof(value) IN ('integer', 'real') AND ${isNumber('value')} AND value = CAST(value AS INTEGER)
       WHEN key = 'start' THEN json_valid(value) AND json_type(value, '$.piece') = 'integer'
         AND json_type(value, '$.snapshot') IN ('null', 'text') AND json_type(value, '$.from') IN ('null', 'text')
         AND json_type(value, '$.missing') IN ('null', 'integer')
       WHEN key = 'history' THEN json_valid(value) AND json_type(value, '$.at') IN ('null', 'text')
         AND json_type(value, '$.until') = 'text' AND json_type(value, '$.missing') IN ('null', 'integer')
       WHEN key = 'snapshots' THEN json_valid(value) AND json_type(value) = 'array' AND NOT EXISTS
         (SELECT 1 FROM json_each(config.value) j WHERE j.type <> 'text' OR unhex(j.value, '-') IS NULL OR length(unhex(j.value, '-')) <> 16)
       WHEN key IN ('horizon', 'history_since') THEN typeof(value) = 'blob' AND ${isBytes('value', 16)}
       ELSE 1 END`,
  ],
  ['events', isNumber('arrival', 1)],
  [
    'clients',
    `${isBytes('id', 16)} AND ${isBytes('node_id', 8)} AND (user_id IS NULL OR ${isBytes('user_id', 16)}) AND self IN (0, 1)`,
  ],
  [
    'bundles',
    `${isBytes('id', 16)} AND ${isBytes('user_id', 16)} AND ${isBytes('client_id', 16)} AND ${isBytes('timestamp', 16)}`,
  ],
  ['outbox', `${isBytes('id', 16)} AND ${isNumber('first_arrival', 1)} AND ${isNumber('last_arrival', 1)}`],
  ['dead_letters', `${isBytes('id', 16)} AND ${isNumber('events')}`],
  [
    'quarantine',
    `kind IN ('future', 'malformed', 'unreadable', 'newer', 'otherBook', 'unconfirmed') AND json_valid(content) AND (bundle_id IS NULL OR ${isBytes('bundle_id', 16)})`,
  ],
  ['commands', `${isBytes('id', 16)} AND (timestamp IS NULL OR ${isBytes('timestamp', 16)}) AND ${isNumber('events')}`],
  ['arrivals', `${isNumber('first_arrival', 1)} AND ${isNumber('last_arrival', 1)} AND ${isBytes('timestamp', 16)}`],
  ['lost', isNumber('arrival', 1)],
  ['pruned', `${isBytes('entity_id', 16)} AND ${isAttribute} AND length(stamps) > 0 AND length(stamps) % 16 = 0`],
];

/** Bytes at the start of a file that `examineHeader` needs. */
export const HEADER_BYTES = 100;
const MAGIC = encodeText('SQLite format 3\0');

/** Whether a file can be a book at all, by its first bytes: seen before it is copied anywhere. */
export function examineHeader(bytes: Uint8Array): Result<null, FileError> {
  const isDatabase = bytes.length >= HEADER_BYTES && MAGIC.every((byte, i) => bytes[i] === byte);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // Offsets of the file format: user_version at 60, application_id at 68, both big-endian.
  if (!isDatabase || view.getInt32(68) !== APPLICATION_ID) return err({ kind: 'notABook' });
  const found = view.getInt32(60);
  return found > SCHEMA_VERSION ? err({ kind: 'newer', found, known: SCHEMA_VERSION }) : ok(null);
}

/**
 * Whether `file` is a book in order; one of an earlier version of the app is brought up to date in place, so it must be a
 * copy. The caller has opened it so that its schema is not trusted.
 * @param scratch an empty database of the same engine, in which the tables of that version are made for comparison
 */
export function examineBackup(file: SqlDatabase, scratch: SqlDatabase): Result<null, FileError> {
  try {
    const version = pragma(file, 'user_version');
    if (pragma(file, 'application_id') !== APPLICATION_ID || version < 1) return err({ kind: 'notABook' });
    if (version > SCHEMA_VERSION) return err({ kind: 'newer', found: version, known: SCHEMA_VERSION });
    migrate(scratch, version);
    const strange = difference(schemaOf(file), schemaOf(scratch));
    if (strange !== null) return err({ kind: 'altered', message: strange });
    // Events are found by their index, so that one has to hold what the table does.
    const complaints = ['PRAGMA quick_check(3)', 'PRAGMA integrity_check(events)']
      .flatMap((check) => file.all(check).map((row) => String(Object.values(row)[0])))
      .filter((complaint) => complaint !== 'ok');
    if (complaints.length > 0) return err({ kind: 'damaged', message: complaints.join('; ') });
    migrate(file);
    for (const [table, condition] of IN_ORDER) {
      if (file.get(`SELECT 1 FROM ${table} WHERE NOT coalesce(${condition}, 0) LIMIT 1`)) {
        return err({ kind: 'damaged', message: `${table}: a row that is not in order` });
      }
    }
    const named = file.get<{ n: number }>(`SELECT count(*) AS n FROM config WHERE key IN ('book', 'client', 'node')`);
    if (named?.n !== 3) return err({ kind: 'damaged', message: 'config: does not say which book it is' });
    return ok(null);
  } catch (error) {
    return err(fileErrorOf(error));
  }
}

/** What the engine said about a file from elsewhere. Throws on what is no SqlError. */
export function fileErrorOf(error: unknown): FileError {
  if (!(error instanceof SqlError)) throw error;
  switch (error.reason) {
    case 'corrupt':
    case 'constraint':
      return { kind: 'damaged', message: error.message };
    case 'full':
      return { kind: 'storage', reason: 'full', message: error.message };
    case 'io':
    case 'other':
      return { kind: 'storage', reason: 'other', message: error.message };
  }
}

/** Everything that the schema declares, by name. Statistics that ANALYZE keeps say how to search, and nothing else. */
function schemaOf(db: SqlDatabase): ReadonlyMap<string, string> {
  const rows = db.all<{ type: string; name: string; tbl_name: string; sql: string | null }>(
    `SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT IN ('sqlite_stat1', 'sqlite_stat4')`,
  );
  return new Map(rows.map(({ type, name, tbl_name: table, sql }) => [`${type} ${name}`, `${table}: ${sql ?? ''}`]));
}

function difference(found: ReadonlyMap<string, string>, expected: ReadonlyMap<string, string>): string | null {
  for (const [name, text] of found) {
    if (!expected.has(name)) return `${name} is not part of a book`;
    if (expected.get(name) !== text) return `${name} is not as Daybook makes it`;
  }
  for (const name of expected.keys()) if (!found.has(name)) return `${name} is missing`;
  return null;
}

function pragma(db: SqlDatabase, name: 'user_version' | 'application_id'): number {
  return Number(Object.values(db.get(`PRAGMA ${name}`) ?? {})[0] ?? 0);
}
