import { parseId, type ClientId, type UserId } from '../../core/ids.ts';
import type { PeopleAnswer } from '../../core/query.ts';
import { fromJsonText, type JsonText } from '../../core/value.ts';
import { idFromSql } from '../blob.ts';
import type { SqlDatabase, SqlValue } from '../database.ts';
import { readIdentity } from '../identity.ts';

/** Everybody who has written here or has a name here. Names are empty until they have synced. */
export function answerPeople(db: SqlDatabase): PeopleAnswer {
  const clients = new Map<ClientId, { name: string; user: UserId | null }>();
  const users = new Map<UserId, string>();
  for (const row of db.all<{ id: SqlValue; user_id: SqlValue }>(
    'SELECT id, user_id FROM clients ORDER BY self DESC, id',
  )) {
    const user = row.user_id === null ? null : idFromSql<UserId>(row.user_id);
    clients.set(idFromSql<ClientId>(row.id), { name: '', user });
    if (user !== null) users.set(user, '');
  }
  const named = db.all<{ entity_id: SqlValue; type: SqlValue; name: JsonText | null; user: JsonText | null }>(
    `SELECT e.entity_id, e.type, n.value AS name, u.value AS user FROM entities e
     LEFT JOIN attributes n ON n.attribute = 'name' AND n.entity_id = e.entity_id
     LEFT JOIN attributes u ON u.attribute = 'user' AND u.entity_id = e.entity_id
     WHERE e.type IN ('client', 'user') ORDER BY e.made`,
  );
  for (const row of named) {
    const name = row.name === null ? null : fromJsonText(row.name);
    const text = typeof name === 'string' ? name : '';
    if (row.type === 'user') users.set(idFromSql<UserId>(row.entity_id), text);
    else {
      const id = idFromSql<ClientId>(row.entity_id);
      const user = row.user === null ? null : parseId<UserId>(fromJsonText(row.user));
      clients.set(id, { name: text, user: user ?? clients.get(id)?.user ?? null });
    }
  }
  return {
    self: readIdentity(db).clientId,
    clients: Array.from(clients, ([id, client]) => ({ id, ...client })),
    users: Array.from(users, ([id, name]) => ({ id, name })),
  };
}
