/**
 * Clients, a server, a network and time, all from one seed: a plan of what people do and what goes wrong, carried out on the
 * real store and the real sync loop, and then looked at. The same plan gives the same course, to the last byte.
 */
import { FINE } from './fake-network.ts';
import { lookAt } from './last-look.ts';
import { NodeSqlite } from './node-sqlite.ts';
import type { Tally } from './own-server.ts';
import { SimulatedScene } from './simulated-scene.ts';
import type { ServerKind } from './simulated-server.ts';
import { MINUTE } from './simulated-time.ts';
import { carryOut } from './simulator-actions.ts';
import type { Plan } from './simulator-plan.ts';

export interface Outcome {
  /** What was found wrong, in plain words; none when all is well. */
  readonly problems: readonly string[];
  readonly events: number;
  readonly simulatedMillis: number;
  readonly trace: readonly string[];
  /** What our own server did. */
  readonly tally: Tally | null;
}

/** After the last action everything works again, and this long is left to put things right. */
const SETTLE_MILLIS = 45 * MINUTE;
const UPDATED_MILLIS = 15 * MINUTE;

export async function simulate(plan: Plan, server: ServerKind = 'fake'): Promise<Outcome> {
  const scene = new SimulatedScene(plan, server);
  try {
    await play(plan, scene);
    return outcomeOf(scene);
  } catch (error) {
    // What nobody caught is a problem like any other.
    scene.course.problem(`it throws: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return outcomeOf(scene);
  } finally {
    scene.dispose();
  }
}

async function play(plan: Plan, scene: SimulatedScene): Promise<void> {
  const { time, keeper, course } = scene;
  let delay = 0;
  for (const action of plan.actions) {
    await time.runUntil(action.at + delay);
    scene.lookAgain();
    if (course.problems.length > 0) return;
    await keeper?.keepHouse();
    const before = time.now();
    await carryOut(action, scene);
    delay += time.now() - before;
    scene.lookAgain();
  }
  await settle(scene);
  if (course.problems.length === 0) lookAt(scene);
}

function outcomeOf({ course, time, keeper }: SimulatedScene): Outcome {
  return {
    problems: course.problems,
    events: course.saved.size,
    simulatedMillis: time.now(),
    trace: course.trace,
    tally: keeper && { ...keeper.tally },
  };
}

/** Everything works again, and nobody touches anything. */
async function settle(scene: SimulatedScene): Promise<void> {
  scene.course.note('everything works again');
  scene.network.weather = FINE;
  scene.server.up = true;
  scene.server.trouble = 0;
  for (const client of scene.clients) {
    client.db.full = false;
    client.spare();
    client.connection.online = true;
    scene.restart(client);
    if (!client.linked) client.link();
    client.tryAgain();
    // It can be that there is nothing any more to try again. What can be saved shows that there is room.
    if (client.status.kind === 'writeFailed') client.act({ kind: 'namePerson', user: client.mint(), name: 'Ada' });
  }
  await scene.pass(SETTLE_MILLIS);
  scene.lookAgain();
  await updateAll(scene);
  if (!scene.keeper) return;
  scene.course.note('somebody comes when all is over');
  const last = scene.addClient(new NodeSqlite(), scene.clients[0]!.version);
  last.link();
  await scene.pass(UPDATED_MILLIS);
  scene.lookAgain();
}

async function updateAll(scene: SimulatedScene): Promise<void> {
  if (scene.clients.every(({ version }) => version === 'today')) return;
  scene.course.note('everybody is updated');
  for (const client of scene.clients) {
    if (client.store.sync.counts().waiting > 0) scene.course.problem(`${client.name} could not send before its update`);
    if (client.version === 'tomorrow') continue;
    scene.update(client);
    scene.restart(client);
  }
  await scene.pass(UPDATED_MILLIS);
  scene.lookAgain();
}
