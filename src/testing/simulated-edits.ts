/** What people do in a simulation: commands about whatever a book holds at that moment. */
import type { Command } from '../core/command.ts';
import { bytesToHex } from '../core/hex.ts';
import { hexToId, type EntityId } from '../core/ids.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { SimulatedClient } from './simulated-client.ts';

const idOf = (value: unknown): EntityId => hexToId<EntityId>(bytesToHex(value as Uint8Array));

/** One change of one thing. */
export function anEdit(client: SimulatedClient, dice: SeededRandom): Command {
  const db = client.file;
  if (!client.alive) return { kind: 'namePerson', user: client.mint(), name: 'Nobody' };
  const fields = db.all(`SELECT type, field FROM fields WHERE typeof(type) = 'blob' ORDER BY type, field`);
  const records = db.all(`SELECT entity_id, type FROM entities WHERE typeof(type) = 'blob' ORDER BY made, entity_id`);
  const field = fields.length > 0 ? dice.pick(fields) : null;
  const mint = (): EntityId => client.mint();
  const word = (): string => `${dice.pick(['red', 'green', 'blue', 'ä', '"', '😀'])} ${dice.below(10_000)}`;
  if (!field || dice.chance(0.04)) {
    const [type, title, amount] = [mint(), mint(), mint()];
    return {
      kind: 'createType',
      id: type,
      name: word(),
      fields: [
        { id: title, name: 'Title', kind: 'text' },
        { id: amount, name: 'Note', kind: 'longText' },
      ],
    };
  }
  const type = idOf(field['type']);
  if (records.length === 0 || dice.chance(0.25)) {
    const made = Array.from({ length: 1 + dice.below(4) }, () => ({
      id: mint(),
      values: { [idOf(field['field'])]: word() },
    }));
    return { kind: 'createRecords', type, records: made };
  }
  const record = dice.pick(records);
  const own = fields.filter(
    (each) => bytesToHex(each['type'] as Uint8Array) === bytesToHex(record['type'] as Uint8Array),
  );
  if (own.length === 0 || dice.chance(0.1)) {
    const ids = [idOf(record['entity_id'])];
    return dice.chance(0.7) ? { kind: 'deleteRecords', ids } : { kind: 'restoreRecords', ids };
  }
  if (dice.chance(0.06)) return { kind: 'changeType', id: type, name: word() };
  return {
    kind: 'setValues',
    changes: [
      {
        entityId: idOf(record['entity_id']),
        field: idOf(dice.pick(own)['field']),
        value: dice.chance(0.1) ? null : word(),
      },
    ],
  };
}

/** One of a few values changes, again and again: most of the log is superseded then. */
export function aRewrite(client: SimulatedClient, dice: SeededRandom): Command {
  const value = client.alive
    ? client.file.get(
        `SELECT f.field, e.entity_id FROM fields f JOIN entities e ON e.type = f.type ORDER BY e.made, e.entity_id, f.field
         LIMIT 1 OFFSET ?`,
        [dice.below(3)],
      )
    : null;
  if (!value) return anEdit(client, dice);
  const [entityId, field] = [idOf(value['entity_id']), idOf(value['field'])];
  return { kind: 'setValues', changes: [{ entityId, field, value: `${dice.below(1_000_000)}` }] };
}

/** One transaction of many records, which needs several bundles. */
export function anImport(client: SimulatedClient, dice: SeededRandom): Command {
  return importOf(client, 300 + dice.below(700), 'text', (i) => `Row ${i}`);
}

/** A few records with texts that do not pack well: two such bundles are two parts of a page. */
export function aLongImport(client: SimulatedClient, dice: SeededRandom): Command {
  return importOf(client, 20 + dice.below(30), 'longText', () => bytesToHex(dice.bytes(300 + dice.below(900))));
}

function importOf(
  client: SimulatedClient,
  rows: number,
  kind: 'text' | 'longText',
  value: (row: number) => string,
): Command {
  const [type, title] = [client.mint(), client.mint()];
  const records = Array.from({ length: rows }, (_, i) => ({ id: client.mint(), values: { [title]: value(i) } }));
  return {
    kind: 'batch',
    label: 'Import',
    commands: [
      { kind: 'createType', id: type, name: 'Imported', fields: [{ id: title, name: 'Title', kind }] },
      { kind: 'createRecords', type, records },
    ],
  };
}
