import type { Migration } from './database.ts';

/** The schema of daybook.sqlite, step by step. */
export const migrations: readonly Migration[] = [
  `
  CREATE TABLE streams (
    stream_id INTEGER PRIMARY KEY AUTOINCREMENT,
    path TEXT NOT NULL UNIQUE,
    log TEXT NOT NULL,
    content_type TEXT NOT NULL,
    ttl_seconds INTEGER,
    expires_at INTEGER,
    created_at INTEGER NOT NULL,
    used_at INTEGER NOT NULL,
    tail INTEGER NOT NULL DEFAULT 0,
    tail_tag TEXT NOT NULL DEFAULT '00000000',
    last_seq TEXT,
    closed INTEGER NOT NULL DEFAULT 0,
    closed_by TEXT,
    closed_epoch INTEGER,
    closed_seq INTEGER
  ) STRICT;

  CREATE TABLE messages (
    stream_id INTEGER NOT NULL REFERENCES streams ON DELETE CASCADE,
    position INTEGER NOT NULL,
    tag TEXT NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (stream_id, position)
  ) STRICT;

  CREATE TABLE producers (
    stream_id INTEGER NOT NULL REFERENCES streams ON DELETE CASCADE,
    producer_id TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (stream_id, producer_id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE users (
    user_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE books (
    book_id TEXT PRIMARY KEY,
    created_at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE memberships (
    book_id TEXT NOT NULL REFERENCES books,
    user_id TEXT NOT NULL REFERENCES users,
    role TEXT NOT NULL CHECK (role IN ('owner', 'member')),
    PRIMARY KEY (book_id, user_id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE devices (
    client_id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users,
    name TEXT NOT NULL,
    token_hash BLOB NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    seen_at INTEGER,
    revoked_at INTEGER
  ) STRICT;

  -- One-time codes: setup codes of the server's owner and links for devices and persons. Only their hashes are kept.
  CREATE TABLE codes (
    code_hash BLOB PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('setup', 'device', 'person')),
    user_id TEXT REFERENCES users,
    book_id TEXT REFERENCES books,
    made_by TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    used_at INTEGER,
    used_by TEXT
  ) STRICT;
  `,
  `
  -- Messages before position earliest are kept no more; all of those were stored by trimmed_by, Unix milliseconds.
  ALTER TABLE streams ADD COLUMN earliest INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE streams ADD COLUMN earliest_tag TEXT NOT NULL DEFAULT '00000000';
  ALTER TABLE streams ADD COLUMN trimmed_by INTEGER;

  -- What lies before position was stored by then, Unix milliseconds: noted now and then where old messages are not kept.
  CREATE TABLE tail_marks (
    stream_id INTEGER NOT NULL REFERENCES streams ON DELETE CASCADE,
    position INTEGER NOT NULL,
    noted_at INTEGER NOT NULL,
    PRIMARY KEY (stream_id, position)
  ) STRICT, WITHOUT ROWID;

  -- Snapshots of books, each up to an offset of its stream: arriving piece by piece, offered once all are here, and then
  -- doomed: to be deleted, some pieces at a time.
  CREATE TABLE snapshots (
    snapshot INTEGER PRIMARY KEY AUTOINCREMENT,
    stream_id INTEGER NOT NULL REFERENCES streams ON DELETE CASCADE,
    snapshot_id TEXT NOT NULL,
    made_by TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('arriving', 'offered', 'doomed')),
    touched_at INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    pieces INTEGER NOT NULL,
    log TEXT,
    position INTEGER,
    tag TEXT,
    events INTEGER,
    UNIQUE (stream_id, snapshot_id)
  ) STRICT;

  CREATE TABLE snapshot_pieces (
    snapshot INTEGER NOT NULL REFERENCES snapshots ON DELETE CASCADE,
    number INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (snapshot, number)
  ) STRICT;
  `,
  `
  -- A token that was drawn to take the place of token_hash, and does so when it is first used.
  ALTER TABLE devices ADD COLUMN next_token_hash BLOB;
  CREATE UNIQUE INDEX devices_next_token ON devices (next_token_hash) WHERE next_token_hash IS NOT NULL;
  `,
];
