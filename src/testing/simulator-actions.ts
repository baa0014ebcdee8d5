/** Carries out one action of a plan: which client it meets, and how hard, its dice say. */
import { FINE } from './fake-network.ts';
import { SeededRandom } from './seeded-random.ts';
import { aLongImport, anEdit, anImport } from './simulated-edits.ts';
import { copy, crashCatchingUp, join, rewrite, year } from './simulated-episodes.ts';
import type { SimulatedScene } from './simulated-scene.ts';
import { DAY, MINUTE, YEAR } from './simulated-time.ts';
import type { Action } from './simulator-plan.ts';
import { fromTheFuture, garbage } from './strange-messages.ts';

/** In a server that keeps messages for a limited time. */
const RETAINED_MILLIS = [null, 0, MINUTE, 20 * MINUTE, DAY] as const;

export async function carryOut(action: Action, scene: SimulatedScene): Promise<void> {
  const { server, keeper, course } = scene;
  const dice = new SeededRandom(action.dice);
  const client = dice.pick(scene.clients);
  course.note(`${action.kind} (${client.name})`);
  switch (action.kind) {
    case 'edit':
      return client.act(anEdit(client, dice));
    case 'undo':
      return client.act(dice.chance(0.7) ? 'undo' : 'redo');
    case 'import':
      return client.act(anImport(client, dice));
    case 'importLong':
      return client.act(aLongImport(client, dice));
    case 'nudge':
      return client.nudge();
    case 'link':
      if (!client.linked && client.alive) client.link();
      return;
    case 'offline':
      client.connection.online = false;
      return;
    case 'online':
      client.connection.online = true;
      if (dice.chance(0.5)) client.nudge();
      return;
    case 'break':
      return client.connection.breakAll();
    case 'weather': {
      const bad = (most: number): number => (dice.chance(0.5) ? (dice.below(1_000) / 1_000) * most : 0);
      scene.network.weather = {
        loseRequest: bad(0.4),
        loseReply: bad(0.5),
        repeat: bad(0.4),
        cut: bad(0.3),
        portal: bad(0.2),
        silence: bad(0.1),
        delay: dice.pick([5, 30, 400, 4_000]),
      };
      return;
    }
    case 'fine':
      scene.network.weather = FINE;
      return;
    case 'serverDown':
      return server.crash();
    case 'serverUp':
      server.up = true;
      return;
    case 'serverTrouble':
      server.trouble = dice.chance(0.5) ? 0.4 : 0;
      return;
    case 'deleteLog':
      course.logLost = true;
      return server.deleteLog();
    case 'rewind':
      course.logLost = true;
      return server.rewind(dice.below((server.messages?.length ?? 0) + 1));
    case 'garbage':
      if (!server.messages) return;
      course.quarantined += 1;
      course.strange = true;
      return server.inject(garbage(dice, scene.world, scene.serverMillis));
    case 'future': {
      if (!server.messages) return;
      const years = dice.chance(0.5);
      if (years) course.quarantined += 1;
      course.strange = true;
      const ahead = years ? YEAR : (6 + dice.below(20)) * MINUTE;
      return server.inject(fromTheFuture(dice, scene.world, scene.serverMillis, ahead));
    }
    case 'kill':
      return client.kill();
    case 'crash':
      return client.db.dieAfter(1 + dice.below(60));
    case 'crashAtStart':
      return client.killTwice(1 + dice.below(40));
    case 'crashCatchingUp':
      return crashCatchingUp(scene, client, dice);
    case 'diskFull':
      client.db.full = true;
      return;
    case 'diskFillsUp':
      return client.db.fullAfter(dice.below(dice.pick([10, 60])));
    case 'diskFree':
      client.db.full = false;
      if (dice.chance(0.5)) client.tryAgain();
      return;
    case 'clock':
      client.clockMillis = dice.pick([
        0,
        client.clockMillis + dice.below(20_000) - 10_000,
        dice.below(14_400_000) - 7_200_000,
      ]);
      return;
    case 'clockFar':
      client.clockMillis = dice.pick([DAY, -DAY, YEAR, -YEAR, client.clockMillis - 3 * 60 * MINUTE]);
      return;
    case 'copy':
      return copy(scene, client);
    case 'update':
      return scene.update(client);
    case 'year':
      return year(scene, client, dice);
    case 'rewrite':
      return rewrite(scene, client, dice);
    case 'join':
      return join(scene, dice);
    case 'crashBehind':
      return client.dieInBreath(dice.below(30));
    case 'retain':
      if (keeper) keeper.retainMillis = dice.pick(RETAINED_MILLIS);
      return;
  }
}
