/** Turns a command into changes. Everything it names is looked up first, at once, however many records it is about. */
import type { Command } from '../../core/command.ts';
import { parseId, type EntityId } from '../../core/ids.ts';
import { fromJsonText, type JsonText } from '../../core/value.ts';
import { idFromSql } from '../blob.ts';
import type { Catalog } from '../catalog.ts';
import type { SqlDatabase, SqlValue } from '../database.ts';
import { stageEntities } from '../staging.ts';
import { Draft, type Known } from './draft.ts';
import { changeField, createField, moveField } from './fields.ts';
import { setOption } from './options.ts';
import { nameDevice, namePerson } from './people.ts';
import { createRecords, deleteRecords, restoreRecords, setValues } from './records.ts';
import { restoreAsOf } from './restore-as-of.ts';
import { restoreValue } from './restore.ts';
import { removeSamples } from './samples.ts';
import { changeType, createType, moveType } from './types.ts';

/** The changes a command comes to, or its problems. Writes nothing but staging tables. */
export function planCommand(db: SqlDatabase, catalog: Catalog, command: Command): Draft {
  const named = new Set<EntityId>();
  collect(command, catalog, named);
  const draft = new Draft(db, catalog, lookUp(db, named));
  plan(draft, command);
  return draft;
}

function plan(draft: Draft, command: Command): void {
  switch (command.kind) {
    case 'createType':
      return createType(draft, command);
    case 'changeType':
      return changeType(draft, command);
    case 'moveType':
      return moveType(draft, command);
    case 'createField':
      return createField(draft, command);
    case 'changeField':
      return changeField(draft, command);
    case 'moveField':
      return moveField(draft, command);
    case 'setOption':
      return setOption(draft, command);
    case 'createRecords':
      return createRecords(draft, command);
    case 'setValues':
      return setValues(draft, command);
    case 'deleteRecords':
      return deleteRecords(draft, command);
    case 'restoreRecords':
      return restoreRecords(draft, command);
    case 'removeSamples':
      return removeSamples(draft, command);
    case 'restoreValue':
      return restoreValue(draft, command);
    case 'restoreAsOf':
      return restoreAsOf(draft, command);
    case 'nameDevice':
      return nameDevice(draft, command);
    case 'namePerson':
      return namePerson(draft, command);
    case 'batch':
      for (const each of command.commands) plan(draft, each);
  }
}

/** Adds the ids of all entities that a command names or may link to. */
function collect(command: Command, catalog: Catalog, named: Set<EntityId>): void {
  const add = (value: unknown): void => {
    const id = parseId<EntityId>(value);
    if (id !== null) named.add(id);
  };
  const addLink = (field: EntityId, value: unknown): void => {
    const known = catalog.fields.get(field);
    if (!known || known.kind === 'link') add(value);
  };
  switch (command.kind) {
    case 'createType':
      add(command.id);
      for (const field of command.fields) add(field.id);
      break;
    case 'createField':
      add(command.field.id);
      break;
    case 'createRecords':
      for (const record of command.records) {
        add(record.id);
        for (const [field, value] of Object.entries(record.values)) addLink(field as EntityId, value);
      }
      break;
    case 'setValues':
      for (const { entityId, field, value } of command.changes) {
        add(entityId);
        addLink(field, value);
      }
      break;
    case 'deleteRecords':
    case 'restoreRecords':
    case 'restoreAsOf':
      for (const id of command.ids) add(id);
      break;
    case 'nameDevice':
      add(command.client);
      break;
    case 'namePerson':
      add(command.user);
      break;
    case 'batch':
      for (const each of command.commands) collect(each, catalog, named);
      break;
    case 'changeType':
    case 'moveType':
    case 'changeField':
    case 'moveField':
    case 'setOption':
    case 'removeSamples':
    case 'restoreValue':
      break;
  }
}

function lookUp(db: SqlDatabase, ids: ReadonlySet<EntityId>): Map<EntityId, Known> {
  if (ids.size === 0) return new Map();
  stageEntities(db, ids);
  const rows = db.all<{ entity_id: SqlValue; value: JsonText }>(
    `SELECT s.entity_id, t.value FROM temp.staged_entities s
     CROSS JOIN attributes t ON t.attribute = 'type' AND t.entity_id = s.entity_id`,
  );
  return new Map(
    rows.map(({ entity_id, value }) => {
      const type = fromJsonText(value);
      return [idFromSql<EntityId>(entity_id), { type: typeof type === 'string' ? type : null }];
    }),
  );
}
