/** What a load client is told about a server: plain data, since it travels to other processes. */
import type { BookId, ClientId, UserId } from '../../core/ids.ts';

/** One device, as the client of a stream server sees itself. */
export interface StreamDevice {
  /** Address of its book's stream, from the origin on. */
  readonly path: string;
  readonly bookId: BookId;
  readonly userId: UserId;
  readonly clientId: ClientId;
  /** Null for a server without accounts. */
  readonly token: string | null;
}

/** Device `d` is one of book `d % books`. */
export type Target =
  | {
      readonly kind: 'streams';
      readonly origin: string;
      readonly books: number;
      readonly devices: readonly StreamDevice[];
      /** Whether bodies may travel with `Content-Encoding: gzip`, as the app sends them to Daybook. */
      readonly gzip: boolean;
    }
  | {
      readonly kind: 'evolu';
      readonly url: string;
      /** Folder that holds Evolu's packages. */
      readonly packages: string;
      readonly books: number;
      /** Secret of each book's owner, in hexadecimal. */
      readonly secrets: readonly string[];
    };

/** How many events one bundle holds in these measurements: an edit, or an import of 111 records and one edit. */
export type BundleSize = 1 | 1_000;

/** Bytes on the sockets of a client, HTTP's headers included (there is no TLS). */
export interface Traffic {
  readonly sent: number;
  readonly received: number;
}

/** What a fetch of a whole book came to. */
export interface Fetched {
  readonly millis: number;
  /** Bundles, or messages of Evolu. */
  readonly messages: number;
  readonly received: number;
}

/** A client of a server under load. Everything rejects when the server does not do what it is asked. */
export interface LoadClient {
  /** Makes `count` bundles that `write` will send, as far as they can be made beforehand. */
  prepare(device: number, size: BundleSize, count: number): Promise<void>;
  /** Sends one bundle as the device; resolves when the server has acknowledged it. */
  write(device: number, size: BundleSize): Promise<void>;
  /** Sends the history of a book of so many events, one bundle after the other; answers how many bundles or messages it was. */
  upload(device: number, events: number): Promise<number>;
  /** Follows the device's book live; resolves once that is so. `arrived` is called for each bundle. */
  follow(device: number, arrived: () => void): Promise<void>;
  /** Reads the device's whole book, as a client that has nothing. @param encoded whether answers may be gzipped */
  fetchAll(device: number, encoded: boolean): Promise<Fetched>;
  traffic(): Traffic;
  close(): void;
}
