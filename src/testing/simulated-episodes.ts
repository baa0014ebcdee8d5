/** What takes more than a moment in a simulation, or more than one device. */
import { NodeSqlite } from './node-sqlite.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { SimulatedClient } from './simulated-client.ts';
import { aLongImport, anEdit, aRewrite } from './simulated-edits.ts';
import type { SimulatedScene } from './simulated-scene.ts';
import { MINUTE, YEAR } from './simulated-time.ts';

/** Copies of a database that nobody announced, and clients that come late, in one simulation. */
const MOST_CLIENTS = 6;

export async function rewrite(scene: SimulatedScene, client: SimulatedClient, dice: SeededRandom): Promise<void> {
  for (let i = 3 + dice.below(12); i > 0; i--) {
    client.act(aRewrite(client, dice));
    await scene.pass(dice.below(400));
  }
}

/** A new device, perhaps with a life before that, and perhaps not for long. */
export async function join(scene: SimulatedScene, dice: SeededRandom): Promise<void> {
  if (scene.clients.length >= MOST_CLIENTS) return;
  const client = scene.addClient(new NodeSqlite());
  if (dice.chance(0.3)) for (let i = 0; i < 5; i++) client.act(anEdit(client, dice));
  client.link();
  const diesWaiting = dice.chance(0.4);
  if (diesWaiting) client.dieInBreath(dice.below(20));
  else if (dice.chance(0.4)) client.db.dieAfter(1 + dice.below(600));
  // Its person does not wait until all is there.
  for (let edits = dice.below(6); edits > 0; edits--) {
    await scene.pass(dice.below(150));
    client.act(anEdit(client, dice));
  }
  await scene.pass(dice.below(4_000));
}

/** While a device is off, others import; when it is on again, it dies between two parts of what it gets. */
export async function crashCatchingUp(
  scene: SimulatedScene,
  client: SimulatedClient,
  dice: SeededRandom,
): Promise<void> {
  scene.turnOff(client);
  for (const other of [...scene.clients, ...scene.clients]) {
    if (other !== client) other.act(dice.chance(0.8) ? aLongImport(other, dice) : anEdit(other, dice));
  }
  await scene.pass(30_000);
  scene.turnOn(client);
  client.dieInBreath(dice.below(4));
  await scene.pass(5_000);
}

/** A device lies in a drawer for a year. The others are turned on now and then. */
export async function year(scene: SimulatedScene, away: SimulatedClient, dice: SeededRandom): Promise<void> {
  for (const client of scene.clients) scene.turnOff(client);
  for (let season = 0; season < 4; season++) {
    await scene.pass(YEAR / 4 - 5 * MINUTE);
    const client = dice.pick(scene.clients);
    if (client !== away) scene.turnOn(client);
    for (let i = 0; i < 3; i++) {
      await scene.pass(MINUTE);
      client.act(anEdit(client, dice));
    }
    await scene.pass(2 * MINUTE);
    scene.turnOff(client);
  }
  for (const client of scene.clients) scene.turnOn(client);
}

/** The same database goes on living on a second device, and nobody says so. */
export function copy(scene: SimulatedScene, client: SimulatedClient): void {
  if (!client.alive || scene.clients.length >= MOST_CLIENTS) return;
  scene.course.copied = true;
  const copy = scene.addClient(NodeSqlite.holding(client.file.serialize()), client.version);
  if (client.linked) copy.link();
}
