/**
 * Ways to break the code, each against one rule of core/SPEC.md or sync/SPEC.md: what stands in a file is replaced by what
 * would break the rule. `npm run mutations` holds the simulator against each; see docs/simulator.md.
 */
import type { Setting } from './simulator-plan.ts';

export interface Mutation {
  readonly rule: string;
  /** What is wrong then, in a few words. */
  readonly name: string;
  /** Below src/. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly before: string;
  readonly after: string;
  /** Plans in which it can be noticed at all, unless those of the plain setting. */
  readonly setting?: Setting;
}

export const MUTATIONS: readonly Mutation[] = [
  {
    rule: 'SYNC-1',
    name: 'what is dated before the newest change here is taken for known',
    file: 'store/ingest.ts',
    before: `  const bundle = read.value;
  if (carried`,
    after: `  const bundle = read.value;
  if (bundle.timestamp < readClock(db).last && bundle.timestamp !== '0'.repeat(32)) return;
  if (carried`,
  },
  {
    rule: 'SYNC-2',
    name: 'a bundle leaves the outbox though nobody acknowledged it',
    file: 'sync/machine.ts',
    before: `      // Does the other lane only believe that it is connected?`,
    after: `      effects.push({ do: 'acknowledge', id: sent.id, next: sent.producer });`,
  },
  {
    rule: 'SYNC-2',
    name: 'a retry goes out under another number',
    file: 'sync/machine.ts',
    before: `      // Does the other lane only believe that it is connected?`,
    after: `      effects.push({ do: 'setProducer', producer: { epoch: sent.producer.epoch + 1, seq: 0 } });`,
  },
  {
    rule: 'SYNC-2',
    name: 'every page that says 200 is an acknowledgement',
    file: 'sync/http-transport.ts',
    before: `      if (epoch !== producer.epoch || (numberOf(answer.header('producer-seq')) ?? -1) < producer.seq)
        throw notAServer();
`,
    after: '',
  },
  {
    rule: 'SYNC-3',
    name: 'the cursor moves with the first part of a page',
    file: 'sync/slices.ts',
    before: `      yield { messages, cursor: null };`,
    after: `      yield { messages, cursor: page.cursor };`,
  },
  {
    rule: 'SYNC-3',
    name: 'the cursor is saved before its events, by itself',
    file: 'store/sync.ts',
    before: `  apply(slice: Slice, serverMillis: number): ReturnType<StoreSync['apply']> {`,
    after: `  apply(slice: Slice, serverMillis: number): ReturnType<StoreSync['apply']> {
    if (slice.cursor !== null)
      this.#db.transaction('normal', () => writeConfig(this.#db, 'cursor', slice.cursor));`,
  },
  {
    rule: 'SYNC-4',
    name: 'another log is read from the start, and nothing is sent again',
    file: 'store/outbox.ts',
    before: `  writeConfig(db, 'snapshots', null);
  writeConfig(db, 'resent_through', 0);
  writeConfig(db, 'resend_through', nextArrival(db) - 1);`,
    after: `  writeConfig(db, 'snapshots', null);`,
  },
  {
    rule: 'SYNC-4',
    name: 'what was acknowledged and does not come back is not missed',
    file: 'sync/machine.ts',
    before: `if (outcome.upToDate && outcome.unechoed > 0 && !turn.state.acknowledged) {`,
    after: `if (outcome.unechoed < 0) {`,
  },
  {
    rule: 'SYNC-4',
    name: 'what is in quarantine is not sent again',
    file: 'store/sealing.ts',
    before: `  if (last !== null) return made;
  const arrival = Number(target);`,
    after: `  if (made >= 0) return made;
  const arrival = Number(target);`,
  },
  {
    rule: 'SYNC-5',
    name: 'failures are not waited out',
    file: 'sync/backoff.ts',
    before: `  return Math.max(delay, Math.min(retryAfterMillis ?? 0, MOST_ASKED_MILLIS));`,
    after: `  return Math.min(delay, Math.min(retryAfterMillis ?? 0, MOST_ASKED_MILLIS));`,
  },
  {
    rule: 'SYNC-5',
    name: 'every page is asked for from the start',
    file: 'sync/driver.ts',
    before: `await run.session.transport.read(cursor, signal);`,
    after: `await run.session.transport.read(null, signal);`,
  },
  {
    rule: 'SYNC-6',
    name: 'what cannot be read stops the stream',
    file: 'store/ingest.ts',
    before: `  if (!read.ok) return intake.setAside('unreadable', content(), null, read.error);`,
    after: `  if (!read.ok) throw new Error(read.error);`,
  },
  {
    rule: 'SYNC-6',
    name: 'a bundle of a newer app is dropped',
    file: 'store/ingest.ts',
    before: `    return intake.setAside(kind, content(), bundle.id, \`\${opened.error.where}: \${opened.error.message}\`);`,
    after: `    return kind === 'newer' ? undefined : intake.setAside(kind, content(), bundle.id, opened.error.where);`,
  },
  {
    rule: 'SYNC-7',
    name: 'says synced before the server was ever reached',
    file: 'sync/status.ts',
    before: `  if (state.reach !== 'reached') return { kind: 'offline', waiting: 0 };
  if (state.caughtUp) return { kind: 'synced' };`,
    after: `  if (state.reach === 'none' || state.caughtUp) return { kind: 'synced' };
  if (state.reach !== 'reached') return { kind: 'offline', waiting: 0 };`,
  },
  {
    rule: 'SYNC-7',
    name: 'says synced for as long as the server was reached once',
    file: 'sync/status.ts',
    before: `  if (state.reach !== 'reached') return { kind: 'offline', waiting: 0 };
  if (state.caughtUp) return { kind: 'synced' };`,
    after: `  if (state.heardAt !== null) return { kind: 'synced' };`,
  },
  {
    rule: 'SYNC-7',
    name: 'counts nothing that is not sealed yet',
    file: 'store/outbox.ts',
    before: `    Number(outbox?.own ?? 0) + (linked ? unsealed() : 0) +`,
    after: `    Number(outbox?.own ?? 0) + (linked ? 0 * unsealed() : 0) +`,
  },
  {
    rule: 'SYNC-7',
    name: 'says synced while parts of a page are still to be applied',
    file: 'sync/machine.ts',
    before: `    case 'arriving':
      state.caughtUp = false;
      return;`,
    after: `    case 'arriving':
      return;`,
  },
  {
    rule: 'SYNC-7',
    name: 'when it can write again, says what waited before',
    file: 'sync/driver.ts',
    before: `    // What was written waits from now on: without the failure, the number would be the one from before it.
    this.#counts = null;`,
    after: '',
  },
  {
    rule: 'HLC-4',
    name: 'a page is judged by a clock that was set a moment ago',
    file: 'sync/driver.ts',
    before: `const clockSet = !run.over && this.#wasClockSet();`,
    after: `const clockSet = run.over && this.#wasClockSet();`,
  },
  {
    rule: 'HLC-4',
    name: 'a far future moves the clock',
    file: 'core/clock.ts',
    before: `  if (aheadMillis > MAX_AHEAD_MILLIS) return err(`,
    after: `  if (aheadMillis > 1e15) return err(`,
  },
  {
    rule: 'HLC-4',
    name: 'one event from the future takes its neighbours along',
    file: 'store/ingest.ts',
    before: `        events.push(judged.value.event);`,
    after: `        if (candidates.every((each) => this.#judged(each).ok)) events.push(judged.value.event);`,
  },
  {
    rule: 'HLC-4',
    name: 'what waits for its time is never released',
    file: 'store/ingest.ts',
    before: `FROM quarantine WHERE due <= ? AND`,
    after: `FROM quarantine WHERE due < 0 AND due <= ? AND`,
  },
  {
    rule: 'HLC-4',
    name: 'remote events are judged by the clock of this device',
    file: 'sync/driver.ts',
    before: `    return this.#ports.clock.wall() - this.offsetMillis;`,
    after: `    return this.#ports.clock.wall();`,
  },
  {
    rule: 'HLC-5',
    name: 'what a wrong clock stamped stays as it is',
    file: 'sync/machine.ts',
    before: `do: wrong ? 'restamp' : 'setClockOffset', offsetMillis, before`,
    after: `do: 'setClockOffset', offsetMillis, before`,
  },
  {
    rule: 'HLC-5',
    name: 'what is dated in the future is not seen once the clock is right again',
    file: 'sync/machine.ts',
    before: `const wrong = isWrongClock(change) || (ahead > 0 && isWrongClock(ahead));`,
    after: `const wrong = isWrongClock(change) || ahead > Infinity;`,
  },
  {
    rule: 'HLC-5',
    name: 'sent before the clock is known',
    file: 'sync/machine.ts',
    before: `  return state.clockKnown && state.owed === null && !state.create;`,
    after: `  return state.owed === null && !state.create;`,
  },
  {
    rule: 'HLC-6',
    name: 'a copy of a database goes on under the same name',
    file: 'sync/machine.ts',
    before: `    case 'fenced':
      return renew(turn, 'Another device goes by the name of this one.');`,
    after: `    case 'fenced':
      return pushFailed(turn, { kind: 'busy', message: 'no', retryAfterMillis: null });`,
  },
  {
    rule: 'HLC-6',
    name: 'the clock is not written with the events it stamped',
    file: 'store/commit.ts',
    before: `  writeClock(db, made.clock);
`,
    after: '',
  },
  {
    rule: 'BUNDLE-8',
    name: 'what an older app held back is not looked at after its update',
    file: 'store/ingest.ts',
    before: `kind IN ('newer', 'unreadable', 'malformed', 'unconfirmed') AND`,
    after: `kind IN ('unreadable', 'malformed', 'unconfirmed') AND`,
  },
  {
    rule: 'LOG-1',
    name: 'what comes last counts',
    file: 'store/attributes.ts',
    before: `       value = iif(excluded.timestamp > timestamp, excluded.value, value),`,
    after: `       value = excluded.value,`,
  },
  {
    rule: 'LOG-4',
    name: 'a full disk is no failure',
    file: 'sync/driver.ts',
    before: `    } catch (error) {
      return notSaved(error);
    }
    // Behind a snapshot`,
    after: `    } catch {
      // It is told again another time.
    }
    // Behind a snapshot`,
  },
  {
    rule: 'SNAP-3',
    name: 'a snapshot holds of each attribute the newest version alone',
    setting: 'snapshots',
    file: 'store/snapshot-parts.ts',
    before: `if (!gone.has(version.timestamp)) kept.push(version);`,
    after: `if (version === there.at(-1)) kept.push(version);`,
  },
  {
    rule: 'SNAP-3',
    name: 'what is held in quarantine is left out of a snapshot',
    setting: 'snapshots',
    file: 'store/snapshot-parts.ts',
    before: `      ? { kind: 'held', after: 0 }`,
    after: `      ? { kind: 'end' }`,
  },
  {
    rule: 'SNAP-3',
    name: 'what a snapshot calls superseded is not noted',
    setting: 'snapshots',
    file: 'store/starting.ts',
    before: `      learn(db, part.attributes);
`,
    after: '',
  },
  {
    rule: 'SNAP-4',
    name: 'a snapshot holds what waits to be sent',
    setting: 'snapshots',
    file: 'store/snapshot-parts.ts',
    before: `versions.filter((version) => version.settled);`,
    after: `versions.filter(() => true);`,
  },
  {
    rule: 'SNAP-4',
    name: 'what was made here before a start from a snapshot is taken for sent',
    setting: 'snapshots',
    file: 'store/starting.ts',
    before: `  if (allSealed) writeConfig(`,
    after: `  writeConfig(`,
  },
  {
    rule: 'SNAP-5',
    name: 'the cursor moves with the first piece',
    setting: 'snapshots',
    file: 'store/starting.ts',
    before: `    if (piece.last) goOn(`,
    after: `    if (piece.number === 0) goOn(`,
  },
  {
    rule: 'SNAP-5',
    name: 'a piece counts as applied when it is begun',
    setting: 'snapshots',
    file: 'store/starting.ts',
    before: `writeStart(db, { ...start, snapshot: head.id, piece: 0 })`,
    after: `writeStart(db, { ...start, snapshot: head.id, piece: 1 })`,
  },
  {
    rule: 'SNAP-6',
    name: 'history is not fetched',
    setting: 'snapshots',
    file: 'store/starting.ts',
    before: `  writeHistory(db, { at: from, until: head.cursor, missing });
`,
    after: '',
  },
  {
    rule: 'SNAP-6',
    name: 'history that the server has let go of counts as complete',
    setting: 'snapshots',
    file: 'store/history.ts',
    before: `    if (history.missing !== null) {`,
    after: `    if (history.missing === Infinity) {`,
  },
  {
    rule: 'SNAP-6',
    name: 'history ends with its first page',
    setting: 'snapshots',
    file: 'sync/history-fetch.ts',
    before: `if (history.at !== null && history.at >= history.until) {`,
    after: `if (history.at !== null) {`,
  },
  {
    rule: 'SYNC-10',
    name: 'a server that has let go of old messages is taken for one that lost its log',
    setting: 'snapshots',
    file: 'sync/http-transport.ts',
    before: `answer.status === 410 && earliest && before !== null`,
    after: `answer.status === 410 && earliest && before === -1`,
  },
  {
    rule: 'SYNC-10',
    name: 'starting over forgets what had not been sent',
    setting: 'snapshots',
    file: 'store/start-over.ts',
    before: `  writeConfig(db, 'cursor', null);
`,
    after: `  writeConfig(db, 'cursor', null);
  db.run('DELETE FROM outbox');
`,
  },
  {
    rule: 'SYNC-10',
    name: 'starting over sends again what the server has',
    setting: 'snapshots',
    file: 'store/outbox.ts',
    before: `  if (!db.get(\`SELECT 1 FROM config WHERE \${UNECHOED} AND value = \${REPAIR} LIMIT 1\`)) return;
`,
    after: '',
  },
  {
    rule: 'SYNC-10',
    name: 'own bundles that a snapshot covers are missed in the stream',
    setting: 'snapshots',
    file: 'store/starting.ts',
    before: `      noteCovered(db, part.events);
`,
    after: '',
  },
  {
    rule: 'SYNC-10',
    name: 'the server lets go of what no snapshot stands in for',
    setting: 'snapshots',
    file: 'server/housekeeping.ts',
    before: `(await streams.head(path))?.earliest`,
    after: `(await streams.head(path))?.tail`,
  },
];
