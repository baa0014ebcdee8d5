/**
 * What older versions of the app wrote, in the words of this one. A version of the event schema says what the parts of an
 * event mean, and which parts there are; how they are written as bytes is the codec's matter (bundle-codec.ts). Each step
 * of the registry leads from one version to the next, and is never edited once its version was released.
 *
 * When BUNDLE_VERSION goes up, this file does not compile until a step leads there, and upcast.test.ts fails until
 * bundles of the new version lie in fixtures/. What lies in databases is brought up by a step of store/migrations.ts, and
 * snapshots (snapshot-codec.ts) get a new version of their own: their events are written as in bundles.
 */
import { BUNDLE_VERSION, type CodecError } from './bundle.ts';
import { err, ok, type Result } from './result.ts';

/** An event as some version wrote it: whatever its parts are, nothing is known of them yet. */
export interface WrittenEvent {
  readonly [part: string]: unknown;
}

/**
 * One event of a version as events of the next: usually one; several where one became more, none where it means nothing any
 * more. Pure, so that all clients come to the same; total, since anything may be in there.
 * @returns what is wrong with the event, in plain words, when it is none of its version
 */
export type Upcaster = (event: WrittenEvent) => Result<readonly WrittenEvent[], string>;

/** A version of the event schema, and how what older ones wrote is brought there. */
export interface EventSchema {
  readonly version: number;
  /** Step i leads from version i + 1 to version i + 2. */
  readonly upcasters: readonly Upcaster[];
}

/** As many steps as lead from version 1 to this one. */
type StepsTo<Version extends number, Steps extends readonly Upcaster[] = []> = [
  Upcaster,
  ...Steps,
]['length'] extends Version
  ? Readonly<Steps>
  : StepsTo<Version, [Upcaster, ...Steps]>;

/** Version 1 is the only one that there ever was. */
const UPCASTERS: StepsTo<typeof BUNDLE_VERSION> = [];

/** What this version of the app reads and writes. */
export const EVENT_SCHEMA: EventSchema = { version: BUNDLE_VERSION, upcasters: UPCASTERS };

/** Brings events of any version to that of `schema`, step by step, each event in its place. Never throws. */
export function upcast(
  version: number,
  events: readonly WrittenEvent[],
  schema: EventSchema = EVENT_SCHEMA,
): Result<readonly WrittenEvent[], CodecError> {
  if (version > schema.version) {
    return err({
      kind: 'newer',
      where: 'version',
      message: `${version}, and this Daybook reads up to ${schema.version}`,
    });
  }
  if (!Number.isInteger(version) || version < 1)
    return err({ kind: 'damaged', where: 'version', message: `there is no version ${version}` });
  let current = events;
  for (let from = version; from < schema.version; from++) {
    const step = schema.upcasters[from - 1];
    if (!step) throw new Error(`no step leads from version ${from} of the event schema to the next`);
    const next: WrittenEvent[] = [];
    for (const [index, event] of current.entries()) {
      const made = attempt(step, event);
      if (!made.ok)
        return err({ kind: 'damaged', where: `event ${index}, version ${from} to ${from + 1}`, message: made.error });
      next.push(...made.value);
    }
    current = next;
  }
  return ok(current);
}

/** A step that throws all the same must not stop the stream. */
function attempt(step: Upcaster, event: WrittenEvent): ReturnType<Upcaster> {
  try {
    return step(event);
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error));
  }
}
