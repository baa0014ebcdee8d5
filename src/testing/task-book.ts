/** A small book for tests: a type "Tasks" with a field of most kinds, and a type "People" that it links to. */
import type { FieldKind } from '../core/attribute.ts';
import type { AttributeName } from '../core/event.ts';
import type { EntityId } from '../core/ids.ts';
import type { RecordRow } from '../core/query.ts';
import type { JsonValue } from '../core/value.ts';
import { TestBook, type TestBookOptions } from './test-book.ts';

const FIELDS = {
  title: 'text',
  notes: 'longText',
  effort: 'number',
  due: 'date',
  at: 'dateTime',
  urgent: 'checkbox',
  status: 'select',
  tags: 'multiSelect',
  owner: 'link',
  mail: 'email',
} as const satisfies { readonly [name: string]: FieldKind };
export type TaskField = keyof typeof FIELDS;

export class TaskBook extends TestBook {
  readonly tasks = this.mint();
  readonly people = this.mint();
  readonly personName = this.mint();
  readonly fields = Object.fromEntries(Object.keys(FIELDS).map((name) => [name, this.mint()])) as {
    [F in TaskField]: EntityId;
  };
  readonly open = this.mint();
  readonly done = this.mint();
  readonly red = this.mint();
  readonly blue = this.mint();

  /** @param empty leave the schema out: it will come from another book */
  constructor(options: TestBookOptions & { readonly empty?: boolean }) {
    super(options);
    if (options.empty) return;
    this.do({
      kind: 'createType',
      id: this.people,
      name: 'People',
      fields: [{ id: this.personName, name: 'Name', kind: 'text' }],
    });
    const optionsOf: { readonly [field: string]: readonly (readonly [EntityId, string])[] } = {
      status: [
        [this.open, 'Open'],
        [this.done, 'Done'],
      ],
      tags: [
        [this.red, 'Red'],
        [this.blue, 'Blue'],
      ],
    };
    this.do({
      kind: 'createType',
      id: this.tasks,
      name: 'Tasks',
      icon: 'check',
      fields: Object.entries(FIELDS).map(([name, kind]) => ({
        id: this.fields[name as TaskField],
        name: `${name.charAt(0).toUpperCase()}${name.slice(1)}`,
        kind,
        ...(optionsOf[name] && { options: optionsOf[name].map(([id, label], tint) => ({ id, name: label, tint })) }),
        ...(kind === 'link' && { target: this.people }),
      })),
    });
  }

  attribute(field: TaskField): AttributeName {
    return this.fields[field] as string as AttributeName;
  }

  addTask(values: { readonly [F in TaskField]?: JsonValue }): EntityId {
    const id = this.mint();
    this.do({ kind: 'createRecords', type: this.tasks, records: [{ id, values: this.byId(values) }] });
    return id;
  }

  addPerson(name: string): EntityId {
    const id = this.mint();
    this.do({ kind: 'createRecords', type: this.people, records: [{ id, values: { [this.personName]: name } }] });
    return id;
  }

  setTask(id: EntityId, values: { readonly [F in TaskField]?: JsonValue }): void {
    this.do({
      kind: 'setValues',
      changes: Object.entries(values).map(([field, value]) => ({
        entityId: id,
        field: this.fields[field as TaskField],
        value,
      })),
    });
  }

  byId(values: { readonly [F in TaskField]?: JsonValue }): { [field: string]: JsonValue } {
    return Object.fromEntries(Object.entries(values).map(([field, value]) => [this.fields[field as TaskField], value]));
  }

  tasksNow(): readonly RecordRow[] {
    return this.ask({ kind: 'records', type: this.tasks, offset: 0, limit: 1_000 }).rows;
  }

  task(id: EntityId, field: TaskField): JsonValue {
    return this.ask({ kind: 'record', id })?.values[this.fields[field]] ?? null;
  }
}
