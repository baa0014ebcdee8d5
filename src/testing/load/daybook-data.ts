/**
 * The data of a server with many people on it. Accounts are made by the server's own code, but in the data folder, before it
 * starts: over HTTP the limit on joins from one address would make thousands of devices take minutes, and there is no route
 * for a second book yet.
 */
import type { BookId } from '../../core/ids.ts';
import type { Membership } from '../../protocol/account.ts';
import { streamPath } from '../../protocol/account.ts';
import { readConfig } from '../../server/config.ts';
import { makeContext, openData, type Context } from '../../server/context.ts';
import { makeStream } from '../../server/http/book-routes.ts';
import { LIMITS } from '../../server/limits.ts';
import { claimBody, joinBody, newClientId } from '../daybook-server.ts';
import { must } from '../test-book.ts';
import type { StreamDevice } from './target.ts';

/**
 * Makes books of a person each, with so many devices in all.
 * @param devices at least as many as books
 * @returns the devices: number `d` is one of book `d % books`
 */
export async function makeBooks(dataFolder: string, books: number, devices: number): Promise<StreamDevice[]> {
  const database = openData(dataFolder);
  const context = makeContext(readConfig({ DAYBOOK_DATA: dataFolder }, dataFolder), database, LIMITS, Date.now);
  try {
    const owner = must(await context.accounts.claim(claimBody(), true));
    await makeStream(context.streams, owner.bookId);
    // All at once, so that they share commits.
    const persons = Array.from({ length: books - 1 }, () => personWithBook(context, owner));
    const firsts = [owner, ...(await Promise.all(persons))];
    const others = Array.from({ length: devices - books }, (_, i) => link(context, firsts[i % books]!, 'device'));
    return [...firsts, ...(await Promise.all(others))].map((device) => ({
      ...device,
      path: streamPath(device.bookId),
    }));
  } finally {
    context.committer.flush();
    database.close();
  }
}

async function link(context: Context, by: Membership, to: 'device' | 'person'): Promise<Membership> {
  const { code } = await context.accounts.createLink(by, { for: to });
  return must(await context.accounts.join(joinBody(code)));
}

/** A person who joined as a member and has a book of their own since. */
async function personWithBook(context: Context, owner: Membership): Promise<Membership> {
  const { database, streams } = context;
  const person = await link(context, owner, 'person');
  const bookId = newClientId() as string as BookId;
  database.prepare('INSERT INTO books VALUES (?, ?)').run(bookId, context.now());
  database.prepare(`UPDATE memberships SET book_id = ?, role = 'owner' WHERE user_id = ?`).run(bookId, person.userId);
  await makeStream(streams, bookId);
  return { ...person, bookId, role: 'owner' };
}
