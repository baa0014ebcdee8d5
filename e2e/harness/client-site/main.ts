/** The app without its interface: specs of tabs and storage drive the real client and the real workers from here. */
import { openClient, type Client } from '../../../src/app/client.ts';

declare global {
  var book: Client;
  /** Every state of the connection so far, in order. */
  var connections: string[];
}

globalThis.book = openClient();
globalThis.connections = [];
const note = () => connections.push(book.connection.getSnapshot().kind);
note();
book.connection.subscribe(note);
