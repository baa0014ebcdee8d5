import type { Command, NewField, NewRecord } from '../../core/command.ts';
import { nextId, type EntityId } from '../../core/ids.ts';
import type { JsonValue } from '../../core/value.ts';
import type { SampleValue, Template, TemplateField, TemplateType } from './template.ts';

/** What making something of a template needs from outside. */
export interface TemplateSetting {
  readonly mintId: () => EntityId;
  /** The moment that the person's clock shows. */
  readonly now: Date;
}

export interface TemplateUse {
  /** One batch: one transaction, one undo. */
  readonly command: Command;
  /** The type to open. */
  readonly opens: EntityId;
}

/** The command that makes a template's types, fields and samples. Ids are fresh each time: a template can be used twice. */
export function templateCommand(template: Template, { mintId, now }: TemplateSetting): TemplateUse {
  const typeIds = new Map(template.types.map((type) => [type.key, mintId()]));
  const sampleIds = countUp(
    template.types.flatMap((type) => type.samples),
    mintId,
  );
  const byKey = new Map(
    template.types.flatMap((type) =>
      type.samples.flatMap((sample) => (sample.key ? [[sample.key, sampleIds.get(sample)!] as const] : [])),
    ),
  );
  const made = template.types.map((type) => {
    const fields = type.fields.map((field) => newField(field, typeIds, mintId));
    const idOf = new Map(type.fields.map((field, index) => [field.key, fields[index]!]));
    const records = type.samples.map((sample): NewRecord => ({
      id: sampleIds.get(sample)!,
      values: Object.fromEntries(
        Object.entries(sample.values).map(([key, value]) => {
          const field = idOf.get(key);
          if (!field) throw new Error(`${template.key}: ${type.key} has no field ${key}`);
          return [field.id, valueOf(field, value, byKey, now)];
        }),
      ),
    }));
    return { type, id: typeIds.get(type.key)!, fields, records };
  });
  // A link's target is there before the link, so types are made last to first, and then put in order.
  const commands: Command[] = [
    ...made.toReversed().map(({ type, id, fields }) => createType(type, id, fields)),
    ...made.slice(1).map(({ id }, index): Command => ({ kind: 'moveType', id, after: made[index]!.id })),
    ...made
      .toReversed()
      .map(({ id, records }): Command => ({ kind: 'createRecords', type: id, records, sample: true })),
  ];
  return { command: { kind: 'batch', label: `Start with ${template.name}`, commands }, opens: made[0]!.id };
}

/** Records of one transaction are listed by id, so samples keep their order by ids that count up. */
function countUp<T>(things: readonly T[], mintId: () => EntityId): ReadonlyMap<T, EntityId> {
  let id = mintId();
  return new Map(
    things.map((thing) => {
      const own = id;
      id = nextId(id);
      return [thing, own];
    }),
  );
}

function createType(type: TemplateType, id: EntityId, fields: readonly NewField[]): Command {
  return { kind: 'createType', id, name: type.name, icon: type.icon, fields };
}

function newField(field: TemplateField, typeIds: ReadonlyMap<string, EntityId>, mintId: () => EntityId): NewField {
  const target = field.target === undefined ? undefined : typeIds.get(field.target);
  if (field.kind === 'link' && target === undefined) throw new Error(`no type ${field.target} for ${field.key}`);
  return {
    id: mintId(),
    name: field.name,
    kind: field.kind,
    ...(field.options && { options: field.options.map(([name, tint]) => ({ id: mintId(), name, tint })) }),
    ...(target !== undefined && { target }),
  };
}

function valueOf(field: NewField, value: SampleValue, records: ReadonlyMap<string, EntityId>, now: Date): JsonValue {
  const option = (name: string): EntityId => {
    const found = field.options?.find((each) => each.name === name);
    if (!found) throw new Error(`${field.name} has no option ${name}`);
    return found.id;
  };
  if (typeof value === 'string') {
    if (field.kind === 'select') return option(value);
    if (field.kind !== 'link') return value;
    const record = records.get(value);
    if (!record) throw new Error(`no sample ${value} for ${field.name}`);
    return record;
  }
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if ('day' in value) {
    const [hours = 12, minutes = 0] = 'at' in value ? value.at.split(':').map(Number) : [];
    const moment = new Date(now.getFullYear(), now.getMonth(), now.getDate() + value.day, hours, minutes);
    return 'at' in value ? moment.toISOString() : dayOf(moment);
  }
  return value.map(option);
}

/** The day that a calendar on the person's wall shows. */
function dayOf(moment: Date): string {
  const two = (number: number) => String(number).padStart(2, '0');
  return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
}
