/** An open book with a clock that tests move and randomness that repeats, on any engine. */
import type { Command, CommandError, Done } from '../core/command.ts';
import { mintId, type CommandId, type EntityId, type Id } from '../core/ids.ts';
import type { AnswerOf, Query } from '../core/query.ts';
import type { Result } from '../core/result.ts';
import type { EventSchema } from '../core/upcast.ts';
import { openStore } from '../store/book.ts';
import type { SqlDatabase } from '../store/database.ts';
import type { Store } from '../store/store.ts';
import { bundleMessages } from '../worker/bundle-messages.ts';
import { ManualClock } from './manual-clock.ts';
import { SeededRandom } from './seeded-random.ts';

export interface TestBookOptions {
  readonly db: SqlDatabase;
  readonly clock?: ManualClock;
  readonly random?: SeededRandom;
  /** An event schema of the future. */
  readonly schema?: EventSchema;
}

/** An open book, with short ways to do what tests do. Every command gets its own millisecond. */
export class TestBook {
  readonly db: SqlDatabase;
  readonly clock: ManualClock;
  readonly random: SeededRandom;
  readonly store: Store;

  constructor({ db, clock = new ManualClock(), random = new SeededRandom(1), schema }: TestBookOptions) {
    this.db = db;
    this.clock = clock;
    this.random = random;
    const opened = openStore(db, {
      random: random.bytes,
      now: clock.now,
      messages: bundleMessages,
      ...(schema && { schema }),
    });
    if (!opened.ok) throw new Error(`the book did not open: ${JSON.stringify(opened.error)}`);
    this.store = opened.value;
  }

  mint<T extends Id<string> = EntityId>(): T {
    return mintId<T>(this.clock.now(), this.random.bytes);
  }

  execute(command: Command): Result<Done, CommandError> {
    this.clock.advance(1);
    return this.store.execute({ id: this.mint<CommandId>(), command });
  }

  /** Carries out a command that must succeed. */
  do(command: Command): Done {
    return must(this.execute(command));
  }

  undo(force = false): Result<Done, CommandError> {
    this.clock.advance(1);
    return this.store.undo(this.mint<CommandId>(), force);
  }

  redo(force = false): Result<Done, CommandError> {
    this.clock.advance(1);
    return this.store.redo(this.mint<CommandId>(), force);
  }

  ask<Q extends Query>(query: Q): AnswerOf<Q> {
    return JSON.parse(this.store.answer(query)) as AnswerOf<Q>;
  }
}

/** The value of a result that must be one. */
export function must<T>(result: Result<T, unknown>): T {
  if (!result.ok) throw new Error(`failed: ${JSON.stringify(result.error)}`);
  return result.value;
}
