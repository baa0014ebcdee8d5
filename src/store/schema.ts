/**
 * The tables of a book. Ids and timestamps are 16-byte blobs; an attribute that is named by a field's id is that id in 16
 * bytes, a system attribute is text. `events_text` and `attributes_text` show it all in letters.
 *
 * The layout was measured (docs/storage.md): one clustered tree and one index for the log; attributes clustered by
 * attribute, so that one field of all records lies together and sorting, filtering and counting scan it without an index.
 */
export const SCHEMA_VERSION = 2;

/** Marks a SQLite file as a Daybook book, for `file` and for ourselves: "DyBk". */
export const APPLICATION_ID = 0x4479426b;

const uuid = (column: string): string =>
  `lower(substr(hex(${column}),1,8)||'-'||substr(hex(${column}),9,4)||'-'||substr(hex(${column}),13,4)||'-'||substr(hex(${column}),17,4)||'-'||substr(hex(${column}),21))`;

const attributeText = (column: string): string =>
  `CASE typeof(${column}) WHEN 'blob' THEN ${uuid(column)} ELSE ${column} END`;

/** The readable form of core/timestamp.ts. Milliseconds are the first 48 bits, taken digit by digit: SQL reads no hex. */
function timestampText(column: string): string {
  const digit = (at: number): string =>
    `(instr('123456789ABCDEF',substr(hex(${column}),${at},1)) * ${16 ** (12 - at)})`;
  const millis = `(${Array.from({ length: 12 }, (_, i) => digit(i + 1)).join('+')})`;
  return (
    `strftime('%Y-%m-%dT%H:%M:%S',${millis}/1000,'unixepoch')||printf('.%03dZ-',${millis}%1000)` +
    `||lower(substr(hex(${column}),13,4)||'-'||substr(hex(${column}),17))`
  );
}

/** What version 1 consists of. Later versions are steps in migrations.ts; this text is never edited. */
export const VERSION_1 = `
CREATE TABLE config(
  key TEXT PRIMARY KEY,
  value ANY
) STRICT, WITHOUT ROWID;

-- The log. arrival counts up in the order in which events came to this client; bundle_id is null until an event is sealed.
CREATE TABLE events(
  id BLOB NOT NULL,
  client_id BLOB NOT NULL,
  entity_id BLOB NOT NULL,
  attribute ANY NOT NULL,
  value TEXT NOT NULL,
  timestamp BLOB NOT NULL,
  previous BLOB,
  bundle_id BLOB,
  arrival INTEGER PRIMARY KEY
) STRICT;
CREATE UNIQUE INDEX events_key ON events(entity_id, attribute, timestamp, id);

-- The newest value of every attribute. fork is null while the newest version is the only open one (leaf), x'01' while
-- there are more of them (they lie in leaves), anything else until the versions have been looked through.
CREATE TABLE attributes(
  entity_id BLOB NOT NULL,
  attribute ANY NOT NULL,
  value TEXT NOT NULL,
  timestamp BLOB NOT NULL,
  event_id BLOB NOT NULL,
  fork BLOB,
  PRIMARY KEY (attribute, entity_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX attributes_unreviewed ON attributes(attribute, entity_id) WHERE fork <> x'01';

-- Open versions of attributes that have two or more.
CREATE TABLE leaves(
  entity_id BLOB NOT NULL,
  attribute ANY NOT NULL,
  timestamp BLOB NOT NULL,
  event_id BLOB NOT NULL,
  client_id BLOB NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (entity_id, attribute, timestamp, event_id)
) STRICT, WITHOUT ROWID;

-- Keys for which a copied database made two different events.
CREATE TABLE collisions(
  entity_id BLOB NOT NULL,
  attribute ANY NOT NULL,
  timestamp BLOB NOT NULL,
  PRIMARY KEY (entity_id, attribute, timestamp)
) STRICT, WITHOUT ROWID;

-- Projection: what exists now and is not in the Trash. type is the id of a user-made type, or the text of a system type;
-- made is the id of the event that gave the type, which sorts in the order of making; number is local.
CREATE TABLE entities(
  number INTEGER PRIMARY KEY,
  entity_id BLOB NOT NULL UNIQUE,
  type ANY NOT NULL,
  made BLOB NOT NULL,
  sample INTEGER NOT NULL
) STRICT;
CREATE INDEX entities_by_type ON entities(type, made, entity_id);
CREATE INDEX entities_samples ON entities(type) WHERE sample = 1;

-- Projection: how many records each type has, and how many of them are samples.
CREATE TABLE type_counts(
  type ANY PRIMARY KEY,
  records INTEGER NOT NULL,
  samples INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER entities_insert AFTER INSERT ON entities BEGIN
  INSERT INTO type_counts VALUES (new.type, 1, new.sample)
    ON CONFLICT DO UPDATE SET records = records + 1, samples = samples + excluded.samples;
END;
CREATE TRIGGER entities_delete AFTER DELETE ON entities BEGIN
  UPDATE type_counts SET records = records - 1, samples = samples - old.sample WHERE type = old.type;
  DELETE FROM type_counts WHERE type = old.type AND records = 0;
  DELETE FROM search WHERE number = old.number;
END;
CREATE TRIGGER entities_update AFTER UPDATE OF type, sample ON entities BEGIN
  UPDATE type_counts SET records = records - 1, samples = samples - old.sample WHERE type = old.type;
  INSERT INTO type_counts VALUES (new.type, 1, new.sample)
    ON CONFLICT DO UPDATE SET records = records + 1, samples = samples + excluded.samples;
  DELETE FROM type_counts WHERE type = old.type AND records = 0;
  DELETE FROM search WHERE number = new.number AND typeof(new.type) <> 'blob';
END;

-- Projection: the fields of every type, with their kinds as JSON text.
CREATE TABLE fields(
  type BLOB NOT NULL,
  field BLOB NOT NULL,
  kind TEXT NOT NULL,
  PRIMARY KEY (type, field)
) STRICT, WITHOUT ROWID;

-- Projection: the words of each record in lower case, without accents, one line a field, for substring search. folded is 0
-- only until letters beyond ASCII have been folded, within the same SQL transaction.
CREATE TABLE search(
  number INTEGER PRIMARY KEY,
  text TEXT NOT NULL,
  folded INTEGER NOT NULL
) STRICT;
CREATE INDEX search_unfolded ON search(folded) WHERE folded = 0;

-- Projection: one row per transaction, for the activity of the whole book.
CREATE TABLE transactions(
  timestamp BLOB PRIMARY KEY,
  client_id BLOB NOT NULL,
  events INTEGER NOT NULL,
  first_arrival INTEGER NOT NULL,
  last_arrival INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Who has written in this book. self: this installation, now or under an earlier client id.
CREATE TABLE clients(
  id BLOB PRIMARY KEY,
  node_id BLOB NOT NULL,
  user_id BLOB,
  self INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Bundles sealed here or applied here: an id in it is never applied again.
CREATE TABLE bundles(
  id BLOB PRIMARY KEY,
  user_id BLOB NOT NULL,
  client_id BLOB NOT NULL,
  timestamp BLOB NOT NULL,
  version INTEGER NOT NULL,
  events INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Sealed bundles that the server has not acknowledged, in the order of sending. own counts events made here; repair marks
-- bundles that bring a log back what it lost; made_at is when the oldest event in it was made, Unix milliseconds.
CREATE TABLE outbox(
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id BLOB NOT NULL UNIQUE,
  message TEXT NOT NULL,
  events INTEGER NOT NULL,
  own INTEGER NOT NULL,
  repair INTEGER NOT NULL,
  first_arrival INTEGER NOT NULL,
  last_arrival INTEGER NOT NULL,
  made_at INTEGER NOT NULL,
  tried INTEGER NOT NULL
) STRICT;

-- Bundles that the server refused for good.
CREATE TABLE dead_letters(
  number INTEGER PRIMARY KEY,
  id BLOB NOT NULL,
  message TEXT NOT NULL,
  events INTEGER NOT NULL,
  reason TEXT NOT NULL,
  rejected_at INTEGER NOT NULL
) STRICT;

-- What could not be applied yet. kind: future (an event whose time has not come, due in Unix milliseconds), malformed (an
-- event), unreadable (a message), newer (a message of a later version). digest finds repetitions.
CREATE TABLE quarantine(
  number INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  digest INTEGER NOT NULL,
  bundle_id BLOB,
  due INTEGER,
  content TEXT NOT NULL,
  reason TEXT NOT NULL
) STRICT;
CREATE INDEX quarantine_digest ON quarantine(digest);
CREATE INDEX quarantine_due ON quarantine(due) WHERE due IS NOT NULL;

-- Commands carried out here, so that a retry is harmless. timestamp is null when nothing changed.
CREATE TABLE commands(
  id BLOB PRIMARY KEY,
  timestamp BLOB,
  events INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Undo stack of this client: done entries, then undone ones. timestamp is that of the transaction that undo or redo reverts.
CREATE TABLE undo(
  number INTEGER PRIMARY KEY,
  label TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('done', 'undone')),
  timestamp BLOB NOT NULL
) STRICT;

CREATE VIEW events_text AS SELECT
  ${uuid('id')} AS id, ${uuid('client_id')} AS client_id, ${uuid('entity_id')} AS entity_id,
  ${attributeText('attribute')} AS attribute, value, ${timestampText('timestamp')} AS timestamp,
  lower(hex(previous)) AS previous, CASE WHEN bundle_id IS NULL THEN NULL ELSE ${uuid('bundle_id')} END AS bundle_id, arrival
FROM events;
CREATE VIEW attributes_text AS SELECT
  ${uuid('entity_id')} AS entity_id, ${attributeText('attribute')} AS attribute, value,
  ${timestampText('timestamp')} AS timestamp, ${uuid('event_id')} AS event_id
FROM attributes;
`;

/** What version 2 adds. */
export const VERSION_2 = `
-- In which version of the event schema an event in quarantine is written; and messages that belong to another book are told
-- from those that cannot be read.
ALTER TABLE quarantine ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
UPDATE quarantine SET kind = 'otherBook' WHERE kind = 'unreadable' AND reason = 'belongs to another book';

-- When events came from elsewhere: those numbered first_arrival to last_arrival came when the clock would have stamped
-- timestamp, which is never less than in the row before. What was made here came when it was stamped.
CREATE TABLE arrivals(
  first_arrival INTEGER PRIMARY KEY,
  last_arrival INTEGER NOT NULL,
  timestamp BLOB NOT NULL
) STRICT;
CREATE INDEX arrivals_by_timestamp ON arrivals(timestamp);
CREATE INDEX transactions_by_client ON transactions(client_id, timestamp);

-- Attributes that have, or may have had, two or more open versions at some time: those whose versions did not come as a
-- chain. Where the past is looked through for conflicts. Attributes are added as events arrive, and never taken out.
CREATE TABLE forks(
  entity_id BLOB NOT NULL,
  attribute ANY NOT NULL,
  PRIMARY KEY (entity_id, attribute)
) STRICT, WITHOUT ROWID;
INSERT INTO forks SELECT entity_id, attribute FROM events INDEXED BY events_key GROUP BY entity_id, attribute
  HAVING sum(previous IS NULL) > 1 OR total(length(previous) > 16) > 0
    OR CAST(coalesce(group_concat(previous, ''), '') || max(timestamp) AS BLOB) <> CAST(group_concat(timestamp, '') AS BLOB);

-- What pruning took out of the log, by attribute: the timestamps of the events, and of those that they named in previous,
-- ascending, 16 bytes each. An event that is listed here is superseded, and is not taken in again.
CREATE TABLE pruned(
  entity_id BLOB NOT NULL,
  attribute ANY NOT NULL,
  stamps BLOB NOT NULL,
  PRIMARY KEY (entity_id, attribute)
) STRICT, WITHOUT ROWID;

-- A bundle that was refused keeps what the outbox knew of it, so that it can go back there: repair marks one that brings a log
-- back what it lost. discarded_at (Unix milliseconds): a person wants it neither sent nor counted any more; it is kept.
ALTER TABLE dead_letters ADD COLUMN repair INTEGER NOT NULL DEFAULT 0;
ALTER TABLE dead_letters ADD COLUMN own INTEGER NOT NULL DEFAULT 0;
ALTER TABLE dead_letters ADD COLUMN first_arrival INTEGER NOT NULL DEFAULT 0;
ALTER TABLE dead_letters ADD COLUMN last_arrival INTEGER NOT NULL DEFAULT 0;
ALTER TABLE dead_letters ADD COLUMN made_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE dead_letters ADD COLUMN discarded_at INTEGER;
UPDATE dead_letters SET own = events, made_at = rejected_at,
  first_arrival = coalesce((SELECT min(arrival) FROM events WHERE bundle_id = dead_letters.id), 0),
  last_arrival = coalesce((SELECT max(arrival) FROM events WHERE bundle_id = dead_letters.id), 0);

-- When what is in quarantine came here (Unix milliseconds of server time; null: not known), and when a person discarded it: it
-- is kept then, so that it is known when it comes again, and neither counted nor tried.
ALTER TABLE quarantine ADD COLUMN arrived_at INTEGER;
ALTER TABLE quarantine ADD COLUMN discarded_at INTEGER;

-- Where a bundle lies in the server's log: behind this offset, from which the page with it was read ([SYNC-9]); empty for the
-- start, null while it was not read there, '~' once the server was found to lack it. Whatever was settled before counts as read.
ALTER TABLE bundles ADD COLUMN place TEXT;
UPDATE bundles SET place = '' WHERE id NOT IN (SELECT id FROM outbox UNION ALL SELECT id FROM dead_letters
  UNION ALL SELECT unhex(substr(key, 10), '-') FROM config WHERE key >= 'unechoed:' AND key < 'unechoed;');

-- Events that the server has lost and that are in no bundle for it yet, by arrival.
CREATE TABLE lost(
  arrival INTEGER PRIMARY KEY
) STRICT;

-- Which version of each projection lies here; position is how far making it anew has come, null when it is done. The four
-- of version 1 of the schema were always complete.
CREATE TABLE projections(
  name TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  position ANY
) STRICT, WITHOUT ROWID;
INSERT INTO projections (name, version) VALUES ('entities', 1), ('fields', 1), ('search', 1), ('transactions', 1);

-- The last arrival that each handler has dealt with.
CREATE TABLE handlers(
  name TEXT PRIMARY KEY,
  position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Projection: texts that hold letters beyond ASCII, folded to lower case without accents, as JSON text; event_id is the
-- event that brought the text. The others are compared as they stand.
CREATE TABLE folded(
  attribute BLOB NOT NULL,
  entity_id BLOB NOT NULL,
  event_id BLOB NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (attribute, entity_id)
) STRICT, WITHOUT ROWID;

-- Projection: which records link to which. The link from a record to another is its attribute.
CREATE TABLE links(
  attribute BLOB NOT NULL,
  entity_id BLOB NOT NULL,
  target BLOB NOT NULL,
  PRIMARY KEY (attribute, entity_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX links_by_target ON links(target);
`;
