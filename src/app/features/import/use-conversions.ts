import { useEffect, useRef, useState } from 'react';
import type { EntityId } from '../../../core/ids.ts';
import type { RecordType } from '../../../core/query.ts';
import type { Client } from '../../client.ts';
import { useClient } from '../../use-client.tsx';
import { titleOf } from '../record/title.ts';
import type { ColumnPlan } from './column-plan.ts';
import { convertColumn, type ConvertedColumn } from './convert-column.ts';
import type { CsvRow } from './read-csv.ts';

/** What each column comes to, by its place in the file; missing while it is being worked out. */
export type Conversions = ReadonlyMap<number, ConvertedColumn>;

interface Entry {
  readonly key: string;
  readonly rows: readonly CsvRow[];
  readonly controller: AbortController;
  result: ConvertedColumn | null;
}

/** Converts columns in the background, again whenever their plan or the rows change. */
export function useConversions(
  rows: readonly CsvRow[],
  plans: readonly ColumnPlan[],
  types: readonly RecordType[],
): Conversions {
  const client = useClient();
  const entries = useRef(new Map<number, Entry>());
  const [conversions, setConversions] = useState<Conversions>(new Map());

  useEffect(() => {
    const known = entries.current;
    for (const { column, target, hints } of plans) {
      const key = JSON.stringify([target, hints]);
      const before = known.get(column);
      if (before?.key === key && before.rows === rows) continue;
      before?.controller.abort();
      known.delete(column);
      if (target.kind === 'skip') continue;
      const entry: Entry = { key, rows, controller: new AbortController(), result: null };
      known.set(column, entry);
      const run = async () => {
        const { signal } = entry.controller;
        const pointsTo = target.kind === 'field' && target.field.kind === 'link' ? target.field.target : null;
        const records = pointsTo === null ? null : await readTitles(client, types, pointsTo, signal);
        entry.result = await convertColumn(rows, column, target, hints, {
          mintId: () => client.mintId(),
          localToUtc,
          signal,
          ...(records && { records }),
        });
        setConversions(collect(known));
      };
      run().catch((error: unknown) => {
        if (!entry.controller.signal.aborted) console.error('A column could not be read:', error);
      });
    }
    for (const [column, entry] of known) {
      if (plans.some((plan) => plan.column === column)) continue;
      entry.controller.abort();
      known.delete(column);
    }
    setConversions(collect(known));
  }, [client, rows, plans, types]);

  useEffect(() => {
    const known = entries.current;
    return () => {
      for (const entry of known.values()) entry.controller.abort();
      known.clear();
    };
  }, []);
  return conversions;
}

function collect(entries: ReadonlyMap<number, Entry>): Conversions {
  return new Map([...entries].flatMap(([column, { result }]) => (result ? [[column, result] as const] : [])));
}

/** When the person's clock showed a reading that is given as though it were UTC. */
function localToUtc(reading: number): number {
  const parts = new Date(reading);
  return new Date(
    parts.getUTCFullYear(),
    parts.getUTCMonth(),
    parts.getUTCDate(),
    parts.getUTCHours(),
    parts.getUTCMinutes(),
    parts.getUTCSeconds(),
    parts.getUTCMilliseconds(),
  ).getTime();
}

const PAGE = 2_000;

/** Records of a type by title in lower case; null where several share one. */
async function readTitles(
  client: Client,
  types: readonly RecordType[],
  typeId: EntityId,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, EntityId | null>> {
  const titles = new Map<string, EntityId | null>();
  const type = types.find(({ id }) => id === typeId);
  if (!type) return titles;
  for (let offset = 0; ; offset += PAGE) {
    signal.throwIfAborted();
    const { total, rows } = await client.query({ kind: 'records', type: typeId, offset, limit: PAGE });
    for (const row of rows) {
      const title = titleOf(type, row).toLowerCase();
      titles.set(title, titles.has(title) ? null : row.id);
    }
    if (rows.length === 0 || offset + rows.length >= total) return titles;
  }
}
