import { describe, expect, it } from 'vitest';
import type { Command } from '../../core/command.ts';
import { mintId, type EntityId } from '../../core/ids.ts';
import { checkValue } from '../../core/validate.ts';
import { TYPE_ICONS } from '../features/types/type-icons.ts';
import type { Template } from './template.ts';
import { templateCommand } from './template-command.ts';
import { TEMPLATES } from './templates.ts';

const now = new Date(2026, 10, 23, 9, 30);

/** Ids as the client mints them, from a counter in place of chance. */
function minter(): () => EntityId {
  let count = 0;
  return () => {
    count += 1;
    return mintId<EntityId>(now.getTime(), (length) => new Uint8Array(length).fill(count));
  };
}

function flatten(command: Command): readonly Command[] {
  return command.kind === 'batch' ? command.commands.flatMap(flatten) : [command];
}

function use(template: Template) {
  const { command, opens } = templateCommand(template, { mintId: minter(), now });
  const steps = flatten(command);
  return {
    command,
    opens,
    types: steps.filter((step) => step.kind === 'createType'),
    moves: steps.filter((step) => step.kind === 'moveType'),
    records: steps.filter((step) => step.kind === 'createRecords'),
  };
}

describe.each(TEMPLATES)('template $name', (template) => {
  const { command, opens, types, moves, records } = use(template);

  it('is one batch, so that one undo takes it back', () => {
    expect(command.kind).toBe('batch');
  });

  it('holds samples whose every value fits its field', () => {
    const fields = new Map(types.flatMap((type) => type.fields).map((field) => [field.id as string, field]));
    const wrong = records.flatMap(({ records }) =>
      records.flatMap((record) =>
        Object.entries(record.values).flatMap(([id, value]) => {
          const checked = checkValue(fields.get(id)!, value);
          if (!checked.ok) return [`${fields.get(id)!.name}: ${checked.error}`];
          // What is kept is what was written: nothing is trimmed or reordered on the way.
          return JSON.stringify(checked.value) === JSON.stringify(value)
            ? []
            : [`${fields.get(id)!.name}: ${JSON.stringify(value)}`];
        }),
      ),
    );
    expect(wrong).toEqual([]);
  });

  it('has 5 to 8 samples in the type that opens, all marked as samples', () => {
    const main = records.find(({ type }) => type === opens);
    expect(main?.records.length).toBeGreaterThanOrEqual(5);
    expect(main?.records.length).toBeLessThanOrEqual(8);
    expect(records.every(({ sample }) => sample === true)).toBe(true);
  });

  it('gives every record a title: its first field is text and filled', () => {
    for (const { type, records: samples } of records) {
      const first = types.find(({ id }) => id === type)!.fields[0]!;
      expect(first.kind).toBe('text');
      expect(samples.every((sample) => typeof sample.values[first.id] === 'string')).toBe(true);
    }
  });

  it('makes what a link points to before the link, and links to samples of the right type', () => {
    const seen = new Set<EntityId>();
    const home = new Map(records.flatMap(({ type, records }) => records.map((record) => [record.id as string, type])));
    for (const type of types) {
      seen.add(type.id);
      for (const field of type.fields.filter(({ kind }) => kind === 'link')) {
        expect(seen).toContain(field.target);
        const linked = records
          .flatMap(({ records }) => records.map((record) => record.values[field.id]))
          .filter(Boolean);
        expect(linked.length).toBeGreaterThan(0);
        expect(linked.every((id) => home.get(id as string) === field.target)).toBe(true);
      }
    }
  });

  it('puts the type that opens first in the sidebar', () => {
    const order = types.map(({ id }) => id);
    for (const { id, after } of moves) {
      order.splice(order.indexOf(id), 1);
      order.splice(order.indexOf(after!) + 1, 0, id);
    }
    expect(order[0]).toBe(opens);
    expect(order).toHaveLength(template.types.length);
  });

  it('mints every id once, and ids of samples count up in their order', () => {
    const ids = [
      ...types.flatMap((type) => [
        type.id,
        ...type.fields.flatMap((field) => [field.id, ...(field.options ?? []).map(({ id }) => id)]),
      ]),
      ...records.flatMap(({ records }) => records.map(({ id }) => id)),
    ];
    expect(new Set(ids).size).toBe(ids.length);
    for (const { records: samples } of records) {
      const order = samples.map(({ id }) => id);
      expect(order).toEqual(order.toSorted());
    }
  });

  it('names icons that exist', () => {
    const known = TYPE_ICONS.map(({ name }) => name);
    expect(known).toContain(template.icon);
    expect(types.every(({ icon }) => known.includes(icon!))).toBe(true);
  });
});

it('dates samples from today, whatever day it is', () => {
  const dates = (moment: Date) => {
    const { command } = templateCommand(TEMPLATES[0]!, { mintId: minter(), now: moment });
    return flatten(command)
      .flatMap((step) => (step.kind === 'createRecords' ? step.records : []))
      .flatMap((record) => Object.values(record.values))
      .filter((value) => typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value));
  };
  expect(dates(new Date(2026, 10, 23))).toContain('2026-11-17');
  expect(dates(new Date(2028, 2, 1))).toContain('2028-02-24');
});
