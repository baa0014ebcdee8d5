/** `durable-streams-server.ts [FOLDER]`: the reference server of the protocol as a process, its storage in files of FOLDER or in memory. */
import { DurableStreamTestServer } from '@durable-streams/server';

const [dataDir] = process.argv.slice(2);
const server = new DurableStreamTestServer({ port: 0, host: '127.0.0.1', ...(dataDir !== undefined && { dataDir }) });
await server.start();
process.stdout.write(`Durable Streams is at ${server.url}\n`);
