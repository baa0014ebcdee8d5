/** What undo calls a command, in a few plain words. */
import type { Command } from '../core/command.ts';
import type { EntityId } from '../core/ids.ts';
import type { Catalog } from './catalog.ts';

const NUMBER = new Intl.NumberFormat('en');
const records = (count: number): string => (count === 1 ? 'record' : `${NUMBER.format(count)} records`);

/** @param catalog the schema before the command */
export function labelOf(command: Command, catalog: Catalog): string {
  const typeName = (id: EntityId): string => catalog.types.get(id)?.name ?? 'type';
  const fieldName = (id: EntityId): string => catalog.fields.get(id)?.name ?? 'field';
  switch (command.kind) {
    case 'createType':
      return `Add ${command.name.trim()}`;
    case 'changeType':
      return `${changeVerb(command)} ${typeName(command.id)}`;
    case 'moveType':
      return `Move ${typeName(command.id)}`;
    case 'createField':
      return `Add field ${command.field.name.trim()}`;
    case 'changeField':
      return `${changeVerb(command)} field ${fieldName(command.id)}`;
    case 'moveField':
      return `Move field ${fieldName(command.id)}`;
    case 'setOption':
      return `Edit options of ${fieldName(command.field)}`;
    case 'createRecords':
      return `Add ${records(command.records.length)}`;
    case 'setValues': {
      const fields = new Set(command.changes.map((change) => change.field));
      const entities = new Set(command.changes.map((change) => change.entityId));
      const [field] = fields;
      if (fields.size !== 1 || field === undefined) return `Edit ${records(entities.size)}`;
      return entities.size === 1 ? `Edit ${fieldName(field)}` : `Edit ${fieldName(field)} in ${records(entities.size)}`;
    }
    case 'deleteRecords':
      return `Delete ${records(command.ids.length)}`;
    case 'restoreRecords':
      return `Restore ${records(command.ids.length)}`;
    case 'removeSamples':
      return 'Remove sample records';
    case 'restoreValue':
      return `Restore ${catalog.fields.get(command.attribute as string as EntityId)?.name ?? 'value'}`;
    case 'restoreAsOf':
      return command.ids.length === 1
        ? 'Restore earlier state'
        : `Restore earlier state of ${records(command.ids.length)}`;
    case 'nameDevice':
      return 'Rename device';
    case 'namePerson':
      return 'Rename person';
    case 'batch':
      return command.label;
  }
}

function changeVerb(command: { readonly name?: string; readonly hidden?: boolean }): string {
  if (command.name !== undefined) return 'Rename';
  if (command.hidden !== undefined) return command.hidden ? 'Hide' : 'Show';
  return 'Change';
}
