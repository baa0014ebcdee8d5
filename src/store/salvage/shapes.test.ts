import { expect, test } from 'vitest';
import { NodeSqlite } from '../../testing/node-sqlite.ts';
import { migrate } from '../migrations.ts';
import * as shapes from './shapes.ts';

test.each(Object.values(shapes))('the shape of $name has the columns that the schema gives it', ({ name, columns }) => {
  const db = new NodeSqlite();
  migrate(db);
  // An index holds its columns, and the key of the row.
  const kind = db.get('SELECT type FROM sqlite_schema WHERE name = ?', [name])?.['type'];
  const held = db.all(`SELECT name FROM pragma_${kind === 'index' ? 'index' : 'table'}_xinfo('${name}')`);
  expect(columns).toBe(held.length);
  db.close();
});
