/** Who made a change, and on which device. */
import type { ClientId } from '../../../core/ids.ts';
import type { PeopleAnswer } from '../../../core/query.ts';

export interface Author {
  /** `You`, or a person's name. */
  readonly who: string;
  /** Name of the device; null while it has none. */
  readonly device: string | null;
  /** Whether it is this very device. */
  readonly here: boolean;
}

/** The author as sentences call them. Before sync is set up every change is yours. */
export function authorOf(people: PeopleAnswer | undefined, clientId: ClientId): Author {
  const self = people?.clients.find((client) => client.id === people.self);
  const client = people?.clients.find((each) => each.id === clientId);
  const here = people === undefined || clientId === people.self;
  const device = client?.name || null;
  if (here) return { who: 'You', device, here };
  if (client?.user != null && client.user === self?.user) return { who: 'You', device, here };
  const user = people.users.find((each) => each.id === client?.user);
  return { who: user?.name || 'Somebody', device: device ?? 'another device', here };
}
